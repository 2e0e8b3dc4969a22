#include "graph_failures.hpp"
#include "graph_write.hpp"
#include <sportello/base/text.hpp>

namespace sportello::simulator {
using nlohmann::json;
namespace {

constexpr std::size_t message_limit = 2000;
constexpr auto response_window = std::chrono::hours(24);
constexpr auto human_agent_window = std::chrono::hours(24 * 7);

std::string member(const json& object, const char* name)
{
    const auto found = object.find(name);
    if (found == object.end()) return {};
    return found->is_string() ? found->get<std::string>() : found->dump();
}

const Item* last_of_person(const Thread* thread)
{
    const Item* last = nullptr;
    for (const auto* message : thread ? thread->messages : std::vector<const Item*>()) {
        if (!message->own && (!last || message->at >= last->at)) last = message;
    }
    return last;
}

void check_window(House& house, const Thread* thread, const std::string& tag)
{
    const auto* last = last_of_person(thread);
    if (!last) throw graph_failure(551, 1545041);
    if (house.world.accounts()[thread->account].ageless) return;
    if (!tag.empty() && tag != "HUMAN_AGENT") throw GraphFailure{400, 100, "(#100) Invalid parameter"};
    const Duration window = tag.empty() || !house.options.human_agent ? response_window : human_agent_window;
    if (house.clock.now() - last->at > window) { throw graph_failure(10, 2018278); }
}

/// A private answer to something public: once, within seven days.
std::string private_reply_recipient(const GraphWrite& call, const std::string& id)
{
    const auto* comment = call.house.world.find(Platform::facebook, id);
    if (!comment || comment->deleted || comment->account != call.page() || comment->kind == Kind::direct_message) {
        throw graph_failure(100, 2018292);
    }
    if (comment->own || call.house.clock.now() - comment->at > human_agent_window) throw graph_failure(10902, 0);
    if (answered_privately(call.house.world, *comment)) throw graph_failure(10900, 0);
    return comment->author_id;
}

/// What a message carries beside its text: by address, by the id of a stored one, or as a file of the call.
Media attachment_of(const GraphWrite& call, const json& attachment)
{
    const auto type = member(attachment, "type");
    const auto payload = attachment.value("payload", json::object());
    if (type != "image" && type != "audio" && type != "video" && type != "file") throw graph_failure(100, 2018074);
    if (const auto file = call.input.files.find("filedata"); file != call.input.files.end()) return media_of(call, file->second);
    if (!payload.is_object()) throw graph_failure(100, 2018074);
    if (const auto id = member(payload, "attachment_id"); !id.empty()) {
        const auto stored = call.uploads.find(id);
        if (stored == call.uploads.end()) throw graph_failure(100, 2018074);
        return stored->second;
    }
    return fetched(type, member(payload, "url"));
}

/// The attachment of `message`; null when it has none.
json attachment_in(const json& message)
{
    return message.is_object() ? message.value("attachment", json()) : json();
}

bool is_reusable(const json& attachment)
{
    const auto payload = attachment.value("payload", json::object());
    return payload.is_object() && (payload.value("is_reusable", json()) == true || payload.value("is_reusable", json()) == "true");
}

void check_message(const json& message, const std::string& text)
{
    const bool attachment = attachment_in(message).is_object();
    if (base::trim(text).empty() && !attachment) throw GraphFailure{400, 100, "(#100) param message must be non-empty."};
    if (!text.empty() && attachment) throw GraphFailure{400, 100, "(#100) Message cannot contain both text and attachment"};
    if (base::count_code_points(text) > message_limit) {
        throw GraphFailure{400, 100, "(#100) Length of param message[text] must be less than or equal to 2000"};
    }
}

} // namespace

ordered_json send_message(const GraphWrite& call)
{
    auto& house = call.house;
    require(call.view, {"pages_messaging"}, graph_failure(10, 2018065));
    const auto recipient = lenient_json(call.input.text("recipient"));
    if (!recipient.is_object()) throw GraphFailure{400, 100, "(#100) param recipient must be non-empty."};
    const auto comment = recipient.contains("comment_id") ? member(recipient, "comment_id") : member(recipient, "post_id");
    auto person = member(recipient, "id");
    if (!comment.empty()) person = private_reply_recipient(call, comment);
    if (!house.world.find_person(Platform::facebook, person)) throw graph_failure(100, 2018001);
    if (!call.input.text("sender_action").empty()) return {{"recipient_id", person}};

    const auto message = lenient_json(call.input.text("message"));
    const auto text = message.is_object() ? base::clean_utf8(member(message, "text")) : std::string();
    check_message(message, text);
    if (comment.empty()) check_window(house, house.world.thread_with(call.page(), person), call.input.text("tag"));

    auto item = by_page(call, Kind::direct_message, text);
    const auto attachment = attachment_in(message);
    if (attachment.is_object()) item.media.push_back(attachment_of(call, attachment));
    item.recipient_id = person;
    item.metadata = member(message, "metadata").substr(0, 1000);
    item.in_reply_to = comment;
    if (const auto answered = lenient_json(call.input.text("reply_to")); answered.is_object() && comment.empty()) {
        item.in_reply_to = member(answered, "mid");
    }
    ordered_json answer{{"recipient_id", person}, {"message_id", write_item(call, item)}};
    if (attachment.is_object() && is_reusable(attachment)) answer["attachment_id"] = keep_upload(call, item.media[0]);
    return answer;
}

ordered_json store_attachment(const GraphWrite& call)
{
    require(call.view, {"pages_messaging"}, graph_failure(10, 2018065));
    const auto attachment = attachment_in(lenient_json(call.input.text("message")));
    if (!attachment.is_object()) throw GraphFailure{400, 100, "(#100) param message must be non-empty."};
    return {{"attachment_id", keep_upload(call, attachment_of(call, attachment))}};
}

} // namespace sportello::simulator
