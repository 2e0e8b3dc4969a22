#include "change.hpp"

#include "ids.hpp"

#include <algorithm>
#include <stdexcept>

namespace sportello::simulator {
using base::Error;
using base::ErrorKind;
using base::Result;
using nlohmann::json;
namespace {

std::string key(Platform platform, std::string_view id)
{
    return std::string(platform == Platform::facebook ? "f" : "x") + std::string(id);
}

} // namespace

World::Change World::Change::account(const Account& account)
{
    return {{{"do", "account"},
             {"platform", to_string(account.platform)},
             {"account", account.account},
             {"id", account.id},
             {"name", account.name},
             {"ageless", account.ageless}}};
}

World::Change World::Change::person(Platform platform, const std::string& author_key, const Person& person)
{
    return {{{"do", "person"},
             {"platform", to_string(platform)},
             {"key", author_key},
             {"id", person.id},
             {"name", person.name},
             {"handle", person.handle},
             {"author", person.author}}};
}

World::Change World::Change::item(const Account& account, Kind kind, bool own)
{
    return {
        {{"do", "item"}, {"platform", to_string(account.platform)}, {"account", account.account}, {"kind", to_string(kind)}, {"own", own}}};
}

World::Change World::Change::edit(Platform platform, const std::string& id, const std::string& next, const std::string& text, Instant at,
                                  bool keep_media)
{
    Change change{
        {{"do", "edit"}, {"platform", to_string(platform)}, {"id", id}, {"next", next}, {"text", text}, {"at", base::to_micros(at)}}};
    if (!keep_media) change.json["drops_media"] = true;
    return change;
}

World::Change World::Change::mark(const std::string& id, Mark mark, bool set)
{
    return {{{"do", "mark"}, {"id", id}, {"mark", mark == Mark::hidden ? "hidden" : "liked"}, {"set", set}}};
}

World::Change World::Change::withhold(const std::string& page, const std::set<std::string>& permissions)
{
    return {{{"do", "withhold"}, {"account", page}, {"permissions", permissions}}};
}

World::Change World::Change::erase(Platform platform, const std::string& id, Instant at)
{
    return {{{"do", "erase"}, {"platform", to_string(platform)}, {"id", id}, {"at", base::to_micros(at)}}};
}

World::Change World::Change::token(Platform platform, const std::string& account, bool valid)
{
    return {{{"do", "token"}, {"platform", to_string(platform)}, {"account", account}, {"valid", valid}}};
}

World::Change World::Change::keep(const std::string& key, const std::string& text)
{
    return {{{"do", "keep"}, {"key", key}, {"text", text}}};
}

World::Change World::Change::played(const std::string& player, std::size_t row)
{
    return {{{"do", "played"}, {"player", player}, {"row", row}}};
}

void World::Change::set_author(const std::string& id, const std::string& author)
{
    json["author_id"] = id;
    json["author"] = author;
}

void World::Change::set_place(const std::string& in_reply_to, const std::string& conversation)
{
    if (!in_reply_to.empty()) json["in_reply_to"] = in_reply_to;
    if (!conversation.empty()) json["conversation"] = conversation;
}

void World::Change::set_person(const std::string& person_id)
{
    json["person"] = person_id;
}

void World::Change::set_content(const std::string& id, const std::string& text, Instant at, const std::string& metadata)
{
    json["id"] = id;
    json["text"] = text;
    json["at"] = base::to_micros(at);
    if (!json.contains("conversation")) json["conversation"] = id;
    if (!metadata.empty()) json["metadata"] = metadata;
}

void World::Change::set_flags(const NewItem& item)
{
    if (item.by_app) json["by_app"] = true;
    if (item.undisclosed) json["undisclosed"] = true;
    if (item.tagged) json["tagged"] = true;
}

void World::Change::set_media(const std::vector<Media>& media)
{
    for (const auto& one : media) json["media"].push_back({{"type", one.type}, {"url", one.url}, {"name", one.name}});
}

void World::commit(const Change& change)
{
    if (listener_) listener_(change.json.dump());
    apply(change);
    tell(change);
}

void World::tell(const Change& change) const
{
    if (observers_.empty()) return;
    using enum Happening::What;
    const auto what = change.text("do");
    Happening happening;
    if (what == "item") {
        happening.what = written;
    } else if (what == "edit") {
        happening.what = edited;
    } else if (what == "erase") {
        happening.what = erased;
    } else if (what == "mark") {
        const bool set = change.json.at("set").get<bool>();
        happening.what = change.text("mark") == "hidden" ? (set ? hidden : unhidden) : (set ? liked : unliked);
    } else {
        return;
    }
    happening.item = find(what == "mark" ? Platform::facebook : change.platform(), change.text("id"));
    for (const auto& observer : observers_) observer(happening);
}

Result<void> World::replay(std::string_view line)
{
    try {
        apply(Change{json::parse(line)});
        return {};
    } catch (const std::exception& error) { // json's own errors, and std::out_of_range of what is not there
        return Error(ErrorKind::invalid_input, std::string("not a change of the simulated world: ") + error.what());
    }
}

void World::apply(const Change& change)
{
    const auto what = change.text("do");
    if (what == "account") {
        Account account{change.platform(), change.text("account"), change.text("id"), change.text("name"),
                        change.json.value("ageless", false)};
        accounts_.push_back(std::move(account));
        shelves_.emplace_back();
    } else if (what == "person") {
        people_.push_back(Person{change.text("id"), change.text("name"), change.text("handle"), change.text("author")});
        person_by_id_[key(change.platform(), people_.back().id)] = &people_.back();
        person_by_author_[change.text("key")] = &people_.back();
        if (!people_.back().handle.empty()) person_by_handle_[ascii_lower(people_.back().handle)] = &people_.back();
    } else if (what == "item") {
        apply_item(change);
    } else if (what == "edit") {
        apply_edit(change);
    } else if (what == "erase") {
        apply_erase(change);
    } else if (what == "mark") {
        apply_mark(change);
    } else if (what == "withhold") {
        accounts_.at(find_account(Platform::facebook, change.text("account")).value()).withheld =
            change.json.at("permissions").get<std::set<std::string>>();
    } else if (what == "token") {
        accounts_.at(find_account(change.platform(), change.text("account")).value()).token_valid = change.json.at("valid").get<bool>();
    } else if (what == "keep") {
        if (auto text = change.text("text"); text.empty()) {
            kept_.erase(change.text("key"));
        } else {
            kept_[change.text("key")] = std::move(text);
        }
    } else if (what == "played") {
        played_[change.text("player")] = change.json.at("row").get<std::size_t>();
    } else {
        throw std::out_of_range("\"" + what + "\"");
    }
}

void World::apply_item(const Change& change)
{
    Item item;
    item.platform = change.platform();
    item.account = find_account(item.platform, change.text("account")).value();
    item.kind = parse_kind(change.text("kind")).value();
    item.id = change.json.at("id").get<std::string>();
    item.at = item.changed = change.at();
    item.versions.push_back({item.id, change.text("text"), item.at});
    item.author_id = change.text("author_id");
    item.author = change.text("author");
    item.own = change.json.at("own").get<bool>();
    item.addressed = !item.own && item.platform == Platform::twitter && item.kind != Kind::direct_message;
    item.in_reply_to = change.text("in_reply_to");
    item.conversation = change.text("conversation");
    item.metadata = change.text("metadata");
    item.by_app = change.json.value("by_app", false);
    item.undisclosed = change.json.value("undisclosed", false);
    item.tagged = change.json.value("tagged", false);
    for (const auto& one : change.json.value("media", json::array())) {
        item.media.push_back({one.at("type").get<std::string>(), one.at("url").get<std::string>(), one.at("name").get<std::string>()});
    }
    items_.push_back(std::move(item));

    Item& kept = items_.back();
    by_id_[key(kept.platform, kept.id)] = &kept;
    if (const auto label = change.text("label"); !label.empty()) labels_[label] = kept.id;
    if (kept.kind == Kind::direct_message) {
        auto& thread = thread_by_id_[key(kept.platform, kept.conversation)];
        if (!thread) {
            threads_.push_back({kept.conversation, kept.account, change.text("person"), {}});
            thread = &threads_.back();
            shelves_[kept.account].threads.push_back(thread);
        }
        thread->messages.push_back(&kept);
        return;
    }
    if (kept.platform == Platform::twitter || kept.kind == Kind::comment) {
        by_root_[key(kept.platform, kept.conversation)].push_back(&kept);
    }
    if (kept.kind == Kind::comment && kept.platform == Platform::facebook) {
        auto& post = *by_id_.at(key(Platform::facebook, kept.conversation));
        post.changed = std::max(post.changed, kept.at);
    }
    list(kept);
}

void World::list(const Item& item)
{
    if (item.platform == Platform::facebook) {
        if (item.kind != Kind::comment) shelves_[item.account].posts.insert(&item);
        return;
    }
    if (item.own) shelves_[item.account].posts.insert(&item);
    const auto* parent = item.in_reply_to.empty() ? nullptr : find(Platform::twitter, item.in_reply_to);
    // The corpus says itself to whom each post is addressed; nobody else is to see it.
    const bool corpus = accounts_[item.account].ageless;
    for (std::size_t i = 0; i < accounts_.size(); ++i) {
        if (accounts_[i].platform != Platform::twitter || (item.own && item.account == i)) continue;
        const bool addressed = item.addressed && item.account == i;
        const bool reached = parent && parent->own && parent->account == i;
        if (addressed || (!corpus && (reached || names(item, i)))) shelves_[i].mentions.insert(&item);
    }
}

void World::unlist(const Item& item)
{
    // A list knows an order of its own platform's items only: asked for another's it would take out whatever compares equal.
    for (std::size_t i = 0; i < shelves_.size(); ++i) {
        if (accounts_[i].platform != item.platform) continue;
        shelves_[i].posts.erase(&item);
        shelves_[i].mentions.erase(&item);
    }
}

void World::apply_edit(const Change& change)
{
    Item& item = *by_id_.at(key(change.platform(), change.text("id")));
    const bool listed = item.kind != Kind::direct_message;
    if (listed) unlist(item);
    item.versions.push_back({change.text("next"), change.text("text"), change.at()});
    item.changed = std::max(item.changed, change.at());
    if (change.json.value("drops_media", false)) item.media.clear();
    by_id_[key(item.platform, item.now().id)] = &item;
    if (listed) list(item);
}

void World::apply_mark(const Change& change)
{
    Item& item = *by_id_.at(key(Platform::facebook, change.text("id")));
    (change.text("mark") == "hidden" ? item.hidden : item.liked) = change.json.at("set").get<bool>();
}

void World::apply_erase(const Change& change)
{
    Item& item = *by_id_.at(key(change.platform(), change.text("id")));
    item.deleted = true;
    item.changed = std::max(item.changed, change.at());
    if (item.kind != Kind::direct_message) unlist(item);
    // On Facebook what hangs under a post or comment goes with it; on X answers outlive it.
    if (item.platform == Platform::twitter || item.kind == Kind::direct_message) return;
    for (const auto* below : thread_of(Platform::facebook, item.conversation)) {
        if (item.kind != Kind::comment || below->in_reply_to == item.id) { by_id_.at(key(Platform::facebook, below->id))->deleted = true; }
    }
}

} // namespace sportello::simulator
