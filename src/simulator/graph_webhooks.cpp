#include "graph_webhooks.hpp"

#include "graph_nodes.hpp"
#include <sportello/base/digest.hpp>

#include <algorithm>

namespace sportello::simulator {
namespace {

using What = Happening::What;

/// Facebook's own inbox, when the Page answers by hand there.
constexpr std::int64_t inbox_app_id = 263902037430900;

std::int64_t unix_seconds(Instant at)
{
    return base::to_micros(at) / 1'000'000;
}

std::int64_t unix_millis(Instant at)
{
    return base::to_micros(at) / 1000;
}

/// At once, then ever more rarely, for 36 hours.
std::vector<Duration> retry_plan()
{
    using namespace std::chrono;
    return {seconds(0), seconds(15), minutes(1), minutes(5), minutes(15), minutes(40),
            hours(1),   hours(2),    hours(4),   hours(8),   hours(8),    hours(12)};
}

const char* verb_of(What what)
{
    switch (what) {
    case What::written:
    case What::liked:
        return "add";
    case What::edited:
        return "edited";
    case What::hidden:
        return "hide";
    case What::unhidden:
        return "unhide";
    case What::erased:
    case What::unliked:
        return "remove";
    }
    return "";
}

std::string first_url(const Item& item, std::string_view type)
{
    const auto found = std::ranges::find_if(item.media, [&](const Media& media) { return media.type == type; });
    return found == item.media.end() ? std::string() : found->url;
}

ordered_json attachments_of(const Item& item, Instant now)
{
    // Since that day stickers have a type of their own.
    static const auto own_type = base::parse_rfc3339("2026-08-30T00:00:00Z").value();
    ordered_json all = ordered_json::array();
    for (const auto& media : item.media) {
        if (media.type == "link") {
            all.push_back({{"type", "fallback"},
                           {"title", media.name},
                           {"url", media.url},
                           {"payload", {{"url", media.url}, {"title", media.name}}}});
        } else if (media.type == "sticker") {
            all.push_back(
                {{"type", now < own_type ? "image" : "sticker"}, {"payload", {{"url", media.url}, {"sticker_id", 369239263222822}}}});
        } else {
            all.push_back({{"type", media.type}, {"payload", {{"url", media.url}}}});
        }
    }
    return all;
}

} // namespace

GraphWebhooks::GraphWebhooks(House& house) : house_(house)
{
    house.world.on_happening([this](const Happening& happening) {
        if (happening.item->platform == Platform::facebook) tell(happening);
    });
}

void GraphWebhooks::tell(const Happening& happening)
{
    const auto& page = house_.world.accounts().at(happening.item->account);
    if (!house_.book.subscription() || house_.book.page_fields(page.id).empty()) return;
    if (happening.item->kind == Kind::direct_message) {
        tell_message(happening);
    } else {
        tell_change(happening);
    }
}

void GraphWebhooks::tell_change(const Happening& happening)
{
    const auto& item = *happening.item;
    const auto& page = house_.world.accounts().at(item.account);
    if (item.tagged) { // it stands elsewhere: the Page is only told that it was named, and not by whom
        if (happening.what != What::written) return;
        post_change(page, "mention",
                    {{"post_id", item.id}, {"created_time", unix_seconds(item.at)}, {"item", "post"}, {"verb", verb_of(happening.what)}});
        return;
    }
    if (happening.what == What::liked || happening.what == What::unliked) {
        post_change(page, "feed", reaction(happening));
    } else {
        post_change(page, "feed", item.kind == Kind::comment ? comment_change(happening) : post_change_of(happening));
    }
}

/// Who did it, as far as that is told.
ordered_json GraphWebhooks::from(const Item& item) const
{
    const auto* person = house_.world.find_person(Platform::facebook, item.author_id);
    const auto& page = house_.world.accounts().at(item.account);
    return {{"id", item.author_id}, {"name", item.own || !person ? page.name : person->name}};
}

ordered_json GraphWebhooks::comment_change(const Happening& happening) const
{
    const auto& item = *happening.item;
    const bool removed = happening.what == What::erased;
    ordered_json value = ordered_json::object();
    if (!item.undisclosed) value["from"] = from(item);
    if (!removed) {
        static const auto shown = parse_graph_fields("status_type,is_published,updated_time,permalink_url,id");
        value["post"] = render_node({house_, "", "", item.account}, item.conversation, shown);
        value["post"]["promotion_status"] = "inactive";
        if (!item.now().text.empty()) value["message"] = item.now().text;
        if (const auto photo = first_url(item, "image"); !photo.empty()) value["photo"] = photo;
        if (const auto video = first_url(item, "video"); !video.empty()) value["video"] = video;
    }
    value["post_id"] = item.conversation;
    value["comment_id"] = item.id;
    if (!removed) value["created_time"] = unix_seconds(item.at);
    value["item"] = "comment";
    value["parent_id"] = item.in_reply_to;
    value["verb"] = verb_of(happening.what);
    return value;
}

/// A visitor's is a "post", the Page's own a "status" or "photo"; once deleted both are a "post".
ordered_json GraphWebhooks::post_change_of(const Happening& happening) const
{
    const auto& item = *happening.item;
    const bool removed = happening.what == What::erased;
    const auto photo = first_url(item, "image");
    ordered_json value = ordered_json::object();
    if (!item.undisclosed) value["from"] = from(item);
    if (!removed && !item.now().text.empty()) value["message"] = item.now().text;
    if (!removed && !photo.empty()) value["link"] = photo;
    value["post_id"] = item.id;
    if (removed) value["recipient_id"] = house_.world.accounts().at(item.account).id;
    value["created_time"] = unix_seconds(item.at);
    value["item"] = removed || !item.own ? "post" : photo.empty() ? "status" : "photo";
    if (!removed && item.own) {
        if (!photo.empty()) value["photo_id"] = item.id.substr(item.id.find('_') + 1);
        value["published"] = 1;
    }
    value["verb"] = verb_of(happening.what);
    return value;
}

/// The Page's own like.
ordered_json GraphWebhooks::reaction(const Happening& happening) const
{
    const auto& item = *happening.item;
    const auto& page = house_.world.accounts().at(item.account);
    ordered_json value{{"from", {{"id", page.id}, {"name", page.name}}}, {"post_id", item.conversation}};
    if (item.kind == Kind::comment) value["comment_id"] = item.id;
    value["created_time"] = unix_seconds(house_.clock.now());
    value["item"] = "reaction";
    value["reaction_type"] = "like";
    value["parent_id"] = item.kind == Kind::comment ? item.in_reply_to : item.id;
    value["verb"] = verb_of(happening.what);
    return value;
}

void GraphWebhooks::tell_message(const Happening& happening)
{
    const auto& item = *happening.item;
    const auto& world = house_.world;
    const auto& page = world.accounts().at(item.account);
    const auto now = house_.clock.now();
    const auto person = world.find_thread(Platform::facebook, item.conversation)->person_id;
    const auto event = [&](const std::string& from, const std::string& to, Instant at) {
        return ordered_json{{"sender", {{"id", from}}}, {"recipient", {{"id", to}}}, {"timestamp", unix_millis(at)}};
    };
    auto told = item.own ? event(page.id, person, now) : event(person, page.id, now);
    if (happening.what == What::edited) {
        told["message_edit"] = {{"mid", item.id}, {"text", item.now().text}, {"num_edit", std::to_string(item.versions.size() - 1)}};
        post_event(page, "message_edits", std::move(told), now);
        return;
    }
    auto& message = told["message"] = {{"mid", item.id}};
    if (happening.what == What::erased) {
        message["is_deleted"] = true;
        post_event(page, item.own ? "message_echoes" : "messages", std::move(told), now);
        return;
    }
    if (happening.what != What::written) return;
    if (item.own) {
        message["is_echo"] = true;
        message["app_id"] = item.by_app ? std::stoll(std::string(graph_app_id)) : inbox_app_id;
        if (!item.metadata.empty()) message["metadata"] = item.metadata;
    }
    if (!item.now().text.empty()) message["text"] = item.now().text;
    if (auto attachments = attachments_of(item, now); !attachments.empty()) message["attachments"] = std::move(attachments);
    const auto* answered = world.find(Platform::facebook, item.in_reply_to);
    if (answered && answered->kind == Kind::direct_message) {
        message["reply_to"] = {{"mid", answered->id}, {"is_self_reply", answered->own == item.own}};
    }
    post_event(page, item.own ? "message_echoes" : "messages", std::move(told), now);
    auto receipt = event(person, page.id, now);
    if (item.own) {
        receipt["delivery"] = {{"mids", {item.id}}, {"watermark", unix_millis(item.at)}};
        post_event(page, "message_deliveries", std::move(receipt), now);
    } else { // who writes has read what was there
        receipt["read"] = {{"watermark", unix_millis(item.at)}};
        post_event(page, "message_reads", std::move(receipt), now);
    }
}

void GraphWebhooks::post_change(const Account& page, const char* field, ordered_json value)
{
    const auto now = house_.clock.now();
    post(page, field,
         {{"id", page.id},
          {"time", unix_seconds(now)},
          {"changes", ordered_json::array({{{"value", std::move(value)}, {"field", field}}})}});
}

void GraphWebhooks::post_event(const Account& page, const char* field, ordered_json event, Instant at)
{
    post(page, field, {{"id", page.id}, {"time", unix_millis(at)}, {"messaging", ordered_json::array({std::move(event)})}});
}

void GraphWebhooks::post(const Account& page, const char* field, const ordered_json& entry)
{
    const auto subscription = house_.book.subscription();
    if (!subscription || !subscription->fields.contains(field) || !house_.book.page_fields(page.id).contains(field)) return;
    WebhookDelivery delivery;
    delivery.platform = Platform::facebook;
    delivery.url = subscription->callback_url;
    ordered_json entries = ordered_json::array({entry});
    if (house_.webhooks.quirks_of(Platform::facebook).together && !last_entry_.is_null()) entries.insert(entries.begin(), last_entry_);
    last_entry_ = entry;
    delivery.body = graph_json({{"object", "page"}, {"entry", std::move(entries)}});
    delivery.headers.set("Content-Type", "application/json");
    delivery.headers.set("User-Agent", "facebookexternalua");
    delivery.headers.set("Accept", "*/*");
    delivery.headers.set("X-Hub-Signature", "sha1=" + base::hmac_sha1_hex(app_secret, delivery.body));
    delivery.headers.set("X-Hub-Signature-256", "sha256=" + base::hmac_sha256_hex(app_secret, delivery.body));
    // A forger changes what is told and has only a signature that was overheard.
    delivery.forged_body = delivery.body;
    if (const auto text = delivery.forged_body.find("\"id\":\""); text != std::string::npos) delivery.forged_body[text + 6] ^= 1;
    delivery.retries = retry_plan();
    delivery.on_failure = [this, id = page.id](Duration failing) {
        if (failing < std::chrono::hours(1)) return;
        // Messenger switches a Page off whose app does not listen; somebody has to subscribe it again.
        auto fields = house_.book.page_fields(id);
        std::erase_if(fields, [](const std::string& one) { return one.starts_with("messag"); });
        house_.book.set_page_fields(id, fields);
    };
    house_.webhooks.post(std::move(delivery));
}

} // namespace sportello::simulator
