#include "change.hpp"
#include "ids.hpp"
#include <sportello/base/text.hpp>
#include <sportello/simulator/world.hpp>

#include <algorithm>

namespace sportello::simulator {
using base::Error;
using base::ErrorKind;
using base::Result;
namespace {

std::string key(Platform platform, std::string_view id)
{
    return std::string(platform == Platform::facebook ? "f" : "x") + std::string(id);
}

/// On Facebook a person is another one for each Page; on X handles compare without case.
std::string author_key(const Account& account, const std::string& author)
{
    if (account.platform == Platform::facebook) return "f" + account.id + "|" + author;
    return "x" + ascii_lower(author.starts_with('@') ? author.substr(1) : author);
}

bool is_word_character(char c)
{
    return is_handle(std::string_view(&c, 1));
}

bool contains_handle(std::string_view text, std::string_view handle)
{
    const auto lower = ascii_lower(text);
    const auto wanted = "@" + ascii_lower(handle);
    for (auto at = lower.find(wanted); at != std::string::npos; at = lower.find(wanted, at + 1)) {
        const auto end = at + wanted.size();
        const bool starts = at == 0 || !is_word_character(lower[at - 1]);
        if (starts && (end == lower.size() || !is_word_character(lower[end]))) return true;
    }
    return false;
}

} // namespace

std::string_view to_string(Platform platform)
{
    return platform == Platform::facebook ? "facebook" : "twitter";
}

std::string_view to_string(Kind kind)
{
    switch (kind) {
    case Kind::post:
        return "post";
    case Kind::comment:
        return "comment";
    case Kind::mention:
        return "mention";
    case Kind::direct_message:
        return "direct_message";
    }
    return "";
}

std::optional<Platform> parse_platform(std::string_view word)
{
    for (const auto platform : {Platform::facebook, Platform::twitter}) {
        if (word == to_string(platform)) return platform;
    }
    return std::nullopt;
}

std::optional<Kind> parse_kind(std::string_view word)
{
    for (const auto kind : {Kind::post, Kind::comment, Kind::mention, Kind::direct_message}) {
        if (word == to_string(kind)) return kind;
    }
    return std::nullopt;
}

bool World::Later::operator()(const Item* a, const Item* b) const
{
    const auto& left = a->now().id;
    const auto& right = b->now().id;
    if (a->platform == Platform::twitter || a->at == b->at) return less_id(right, left);
    return a->at > b->at;
}

// --- Reading -------------------------------------------------------------------------------------------------------

std::optional<std::size_t> World::find_account(Platform platform, std::string_view account) const
{
    const auto wanted = ascii_lower(account.starts_with('@') ? account.substr(1) : account);
    for (std::size_t i = 0; i < accounts_.size(); ++i) {
        const auto& candidate = accounts_[i];
        if (candidate.platform == platform && (candidate.id == wanted || ascii_lower(candidate.account) == wanted)) { return i; }
    }
    return std::nullopt;
}

const Item* World::find(Platform platform, std::string_view id) const
{
    const auto found = by_id_.find(key(platform, id));
    return found == by_id_.end() ? nullptr : found->second;
}

const Person* World::find_person(Platform platform, std::string_view id) const
{
    const auto found = person_by_id_.find(key(platform, id));
    return found == person_by_id_.end() ? nullptr : found->second;
}

const Person* World::find_handle(std::string_view handle) const
{
    const auto found = person_by_handle_.find(ascii_lower(handle));
    return found == person_by_handle_.end() ? nullptr : found->second;
}

const World::Listing& World::posts(std::size_t account) const
{
    return shelves_.at(account).posts;
}

const World::Listing& World::mentions(std::size_t account) const
{
    return shelves_.at(account).mentions;
}

const std::vector<const Item*>& World::thread_of(Platform platform, std::string_view root) const
{
    static const std::vector<const Item*> nothing;
    const auto found = by_root_.find(key(platform, root));
    return found == by_root_.end() ? nothing : found->second;
}

const Thread* World::find_thread(Platform platform, std::string_view id) const
{
    const auto found = thread_by_id_.find(key(platform, id));
    return found == thread_by_id_.end() ? nullptr : found->second;
}

const Thread* World::thread_with(std::size_t account, std::string_view person_id) const
{
    for (const auto* thread : threads(account)) {
        if (thread->person_id == person_id) return thread;
    }
    return nullptr;
}

const std::vector<const Thread*>& World::threads(std::size_t account) const
{
    return shelves_.at(account).threads;
}

bool World::names(const Item& item, std::size_t account) const
{
    return contains_handle(item.now().text, accounts_.at(account).account);
}

std::size_t World::played(const std::string& player) const
{
    const auto found = played_.find(player);
    return found == played_.end() ? 0 : found->second;
}

std::string World::labelled(const std::string& label) const
{
    const auto found = labels_.find(label);
    return found == labels_.end() ? std::string() : found->second;
}

// --- Writing: each change is checked, told to the listener, then applied
// ------------------------------------------------

void World::add_account(const Account& account)
{
    if (find_account(account.platform, account.account)) return;
    commit(Change::account(account));
}

Result<void> World::set_token_valid(Platform platform, std::string_view account, bool valid)
{
    const auto index = find_account(platform, account);
    if (!index) return Error(ErrorKind::not_found, "no such account on " + std::string(to_string(platform)));
    commit(Change::token(platform, accounts_[*index].account, valid));
    return {};
}

Result<void> World::withhold(std::string_view page, const std::set<std::string>& permissions)
{
    const auto index = find_account(Platform::facebook, page);
    if (!index) return Error(ErrorKind::not_found, "no such Page");
    commit(Change::withhold(accounts_[*index].account, permissions));
    return {};
}

Result<void> World::mark(std::string_view id, Mark mark, bool set)
{
    const auto* item = find(Platform::facebook, id);
    if (!item || item->deleted || item->kind == Kind::direct_message) {
        return Error(ErrorKind::not_found, "no post or comment of Facebook has the id " + std::string(id));
    }
    commit(Change::mark(item->id, mark, set));
    return {};
}

void World::keep(const std::string& key, const std::string& text)
{
    commit(Change::keep(key, text));
}

std::string World::kept(const std::string& key) const
{
    const auto found = kept_.find(key);
    return found == kept_.end() ? std::string() : found->second;
}

void World::mark_played(const std::string& player, std::size_t row)
{
    commit(Change::played(player, row));
}

Result<std::string> World::write(const NewItem& item, Instant now)
{
    const auto index = find_account(item.platform, item.account);
    if (!index) {
        return Error(ErrorKind::not_found,
                     "there is no " + std::string(to_string(item.platform)) + " account \"" + item.account + "\" here",
                     {{"/account", "an account that the simulator serves"}});
    }
    if (base::trim(item.text).empty() && item.media.empty()) {
        return Error(ErrorKind::invalid_input, "nothing to write", {{"/text", "a text that is not empty"}});
    }
    if (base::trim(item.author).empty()) { return Error(ErrorKind::invalid_input, "nobody writes", {{"/author", "a name or handle"}}); }
    const auto& account = accounts_[*index];
    const bool own = find_account(item.platform, item.author) == index;
    const auto at = item.at.value_or(now);

    Change change = Change::item(account, item.kind, own);
    if (!own) {
        const auto& person = person_for(*index, item.author);
        change.set_author(person.id, person.author);
    } else {
        change.set_author(account.id, account.account);
    }
    const auto placed = item.kind == Kind::direct_message ? place_private(item, *index, own, change) : place_public(item, *index, change);
    if (!placed) return placed.error();

    const auto* parent = change.in_reply_to().empty() ? nullptr : find(item.platform, change.in_reply_to());
    auto id = item.id.empty() ? next_id(*index, item.kind, parent, at) : item.id;
    // A post that only names the Page stands with its author.
    if (item.tagged && item.id.empty()) id = change.author_id() + id.substr(id.find('_'));
    if (find(item.platform, id)) return Error(ErrorKind::conflict, "the id " + id + " is taken");
    change.set_content(id, base::clean_utf8(item.text), at, item.metadata);
    change.set_flags(item);
    change.set_media(item.media);
    if (!item.label.empty()) change.json["label"] = item.label;
    commit(change);
    return id;
}

Result<void> World::place_public(const NewItem& item, std::size_t account, Change& change) const
{
    const bool tags = item.platform == Platform::facebook && item.kind == Kind::post && !change.json.value("own", false);
    if (item.tagged && !tags) {
        return Error(ErrorKind::invalid_input, "cannot be tagged", {{"/tagged", "only for a customer's post on Facebook"}});
    }
    const auto wrong = [](const std::string& what) { return Error(ErrorKind::invalid_input, what, {{"/in_reply_to", what}}); };
    const auto* parent = item.in_reply_to.empty() ? nullptr : find(item.platform, item.in_reply_to);
    if (item.kind == Kind::comment && item.in_reply_to.empty()) { return wrong("a comment needs the id of what it answers"); }
    if (parent && parent->kind == Kind::direct_message) return wrong("a private message has no public answers");

    if (item.platform == Platform::twitter) {
        if (!item.in_reply_to.empty() && !is_numeric_id(item.in_reply_to)) return wrong("the id of a post: 1 to 19 digits");
        // A parent that is not here is one that the account cannot see: the answer stands all the same.
        change.set_place(item.in_reply_to, parent ? parent->conversation : item.in_reply_to);
        return {};
    }
    if (item.in_reply_to.empty()) return {};
    if (!parent || parent->deleted || parent->account != account) return wrong("a post or comment of this Page");
    if (item.kind != Kind::comment) return wrong("only a comment answers something");
    // Facebook shows two levels: an answer to an answer is filed under the top comment.
    const bool is_answer = parent->kind == Kind::comment && parent->in_reply_to != parent->conversation;
    change.set_place(is_answer ? parent->in_reply_to : parent->id, parent->conversation);
    return {};
}

Result<void> World::place_private(const NewItem& item, std::size_t account, bool own, Change& change)
{
    const auto& to = accounts_[account];
    std::string person = change.author_id();
    if (own) {
        person = item.recipient_id;
        if (const auto* answered = find(item.platform, item.in_reply_to); person.empty() && answered) {
            const auto* thread = find_thread(item.platform, answered->conversation);
            person = thread && thread->account == account ? thread->person_id : "";
        }
        if (!find_person(item.platform, person)) {
            return Error(ErrorKind::invalid_input, "a private message of the company answers one of a customer",
                         {{"/in_reply_to", "the id of a private message of this account"}});
        }
    }
    std::string conversation;
    if (to.platform == Platform::facebook) {
        conversation = "t_1" + person.substr(person.size() > 15 ? person.size() - 15 : 0);
    } else {
        conversation = less_id(person, to.id) ? person + "-" + to.id : to.id + "-" + person;
    }
    change.set_place(item.in_reply_to, conversation);
    change.set_person(person);
    return {};
}

Result<std::string> World::edit(std::string_view id, const std::string& text, Instant now, bool keep_media)
{
    auto* item = const_cast<Item*>(find(Platform::twitter, id));
    if (!item) item = const_cast<Item*>(find(Platform::facebook, id));
    if (!item || item->deleted) return Error(ErrorKind::not_found, "nothing here has the id " + std::string(id));
    if (base::trim(text).empty()) { return Error(ErrorKind::invalid_input, "nothing to write", {{"/text", "a text that is not empty"}}); }
    if (item->platform == Platform::twitter && item->kind == Kind::direct_message) {
        return Error(ErrorKind::invalid_input, "X has no edits of private messages", {{"/text", "cannot be changed"}});
    }
    std::string next = item->id;
    if (item->platform == Platform::twitter) {
        next = next_id(item->account, item->kind, nullptr, std::max(now, item->now().at));
        while (!less_id(item->now().id, next)) next = std::to_string(std::stoull(item->now().id) + 1);
    }
    commit(Change::edit(item->platform, item->id, next, base::clean_utf8(text), now, keep_media));
    return next;
}

Result<void> World::erase(std::string_view id, Instant now)
{
    for (const auto platform : {Platform::twitter, Platform::facebook}) {
        const auto* item = find(platform, id);
        if (!item || item->deleted) continue;
        commit(Change::erase(platform, item->id, now));
        return {};
    }
    return Error(ErrorKind::not_found, "nothing here has the id " + std::string(id));
}

const Person& World::person_for(std::size_t account, const std::string& author)
{
    const auto& to = accounts_[account];
    const auto wanted = author_key(to, author);
    if (const auto found = person_by_author_.find(wanted); found != person_by_author_.end()) return *found->second;

    Person person;
    person.author = base::clean_utf8(author);
    person.name = person.author.starts_with('@') ? person.author.substr(1) : person.author;
    const auto number = people_.size() + 1;
    if (to.platform == Platform::facebook) {
        person.id = std::to_string(2'400'000'000'000'000 + number);
    } else {
        person.id = std::to_string(1'500'000'000'000'000'000 + number);
        for (const char c : person.name) {
            if (is_word_character(c) && person.handle.size() < 15) person.handle += c;
        }
        if (person.handle.empty() || find_handle(person.handle) || find_account(Platform::twitter, person.handle)) {
            const auto suffix = std::to_string(number);
            person.handle = (person.handle.empty() ? "utente" : person.handle).substr(0, 15 - suffix.size()) + suffix;
        }
    }
    commit(Change::person(to.platform, wanted, person));
    return *person_by_author_.at(wanted);
}

std::string World::next_id(std::size_t account, Kind kind, const Item* parent, Instant at)
{
    const auto number = items_.size() + 1;
    if (accounts_[account].platform == Platform::twitter) {
        for (std::uint64_t low = number;; ++low) {
            auto id = snowflake(at, low);
            if (!find(Platform::twitter, id)) return id;
        }
    }
    const auto serial = std::to_string(700'000'000'000'000 + number);
    if (kind == Kind::direct_message) return "m_" + random_.token(60);
    if (!parent) return accounts_[account].id + "_" + serial;
    const auto post = parent->conversation.substr(parent->conversation.find('_') + 1);
    return post + "_" + serial;
}

} // namespace sportello::simulator
