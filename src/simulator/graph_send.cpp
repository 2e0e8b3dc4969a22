#include "graph_api.hpp"
#include <sportello/base/text.hpp>

namespace sportello::simulator {
using nlohmann::json;
namespace {

constexpr std::size_t comment_limit = 8000;
constexpr std::size_t message_limit = 2000;
constexpr auto response_window = std::chrono::hours(24);
constexpr auto human_agent_window = std::chrono::hours(24 * 7);

/// A parameter that holds an object: JSON, or the pseudo-JSON with single quotes of Meta's own samples.
json read_object(const Arguments& parameters, const std::string& name)
{
    const auto found = parameters.find(name);
    auto text = found == parameters.end() ? std::string() : found->second;
    auto value = json::parse(text, nullptr, false);
    if (value.is_discarded()) {
        std::ranges::replace(text, '\'', '"');
        value = json::parse(text, nullptr, false);
    }
    return value;
}

std::string member(const json& object, const char* name)
{
    const auto found = object.find(name);
    if (found == object.end()) return {};
    return found->is_string() ? found->get<std::string>() : found->dump();
}

std::string parameter(const Arguments& parameters, const std::string& name)
{
    const auto found = parameters.find(name);
    return found == parameters.end() ? std::string() : found->second;
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
    if (!last) throw GraphFailure{400, 551, "(#551) This person isn't available right now.", 1545041};
    if (house.world.accounts()[thread->account].ageless) return;
    if (!tag.empty() && tag != "HUMAN_AGENT") throw GraphFailure{400, 100, "(#100) Invalid parameter"};
    const Duration window = tag.empty() || !house.options.human_agent ? response_window : human_agent_window;
    if (house.clock.now() - last->at > window) {
        throw GraphFailure{400, 10,
                           "(#10) This message is sent outside of allowed window. Learn more about the new policy here: "
                           "https://developers.facebook.com/docs/messenger-platform/policy-overview",
                           2018278};
    }
}

bool answered_privately(const World& world, const Item& comment)
{
    return std::ranges::any_of(
        world.items(), [&](const Item& item) { return item.kind == Kind::direct_message && item.own && item.in_reply_to == comment.id; });
}

/// A private answer to something public: once, within seven days.
std::string private_reply_recipient(House& house, std::size_t page, const std::string& id)
{
    const auto* comment = house.world.find(Platform::facebook, id);
    if (!comment || comment->deleted || comment->account != page || comment->kind == Kind::direct_message) {
        throw GraphFailure{400, 100, "(#100) Invalid comment_id parameter", 2018292};
    }
    if (comment->own || house.clock.now() - comment->at > human_agent_window) {
        throw GraphFailure{400, 10902, "(#10902) The comment cannot be replied to privately"};
    }
    if (answered_privately(house.world, *comment)) { throw GraphFailure{400, 10900, "(#10900) Activity already replied to"}; }
    return comment->author_id;
}

NewItem by_page(House& house, std::size_t page, Kind kind, std::string text)
{
    NewItem item;
    item.platform = Platform::facebook;
    item.account = item.author = house.world.accounts()[page].account;
    item.kind = kind;
    item.text = std::move(text);
    item.by_app = true;
    return item;
}

std::string write(House& house, const NewItem& item)
{
    const auto id = house.world.write(item, house.clock.now());
    if (!id) throw GraphFailure{400, 100, "(#100) Invalid parameter"};
    return *id;
}

} // namespace

ordered_json post_comment(House& house, std::size_t page, const std::string& object, const std::string& message)
{
    const auto* parent = house.world.find(Platform::facebook, object);
    if (!parent || parent->deleted || parent->account != page || parent->kind == Kind::direct_message) { throw no_such_object(object); }
    const auto text = base::clean_utf8(message);
    if (base::trim(text).empty()) throw GraphFailure{400, 100, "(#100) You must provide one of the following: message, attachment"};
    if (base::count_code_points(text) > comment_limit) throw GraphFailure{400, 100, "(#100) The comment is too long"};
    auto item = by_page(house, page, Kind::comment, text);
    item.in_reply_to = object;
    return {{"id", write(house, item)}};
}

ordered_json send_message(House& house, std::size_t page, const Arguments& parameters)
{
    const auto recipient = read_object(parameters, "recipient");
    if (!recipient.is_object()) throw GraphFailure{400, 100, "(#100) param recipient must be non-empty."};
    const auto comment = recipient.contains("comment_id") ? member(recipient, "comment_id") : member(recipient, "post_id");
    auto person = member(recipient, "id");
    if (!comment.empty()) person = private_reply_recipient(house, page, comment);

    const auto& account = house.world.accounts()[page];
    if (!house.world.find_person(Platform::facebook, person)) { throw GraphFailure{400, 100, "(#100) No matching user found", 2018001}; }
    if (!parameter(parameters, "sender_action").empty()) return {{"recipient_id", person}};

    const auto message = read_object(parameters, "message");
    const auto text = message.is_object() ? base::clean_utf8(member(message, "text")) : std::string();
    if (base::trim(text).empty()) throw GraphFailure{400, 100, "(#100) param message must be non-empty."};
    if (base::count_code_points(text) > message_limit) {
        throw GraphFailure{400, 100, "(#100) Length of param message[text] must be less than or equal to 2000"};
    }
    if (comment.empty()) check_window(house, house.world.thread_with(page, person), parameter(parameters, "tag"));

    auto item = by_page(house, page, Kind::direct_message, text);
    item.account = account.account;
    item.recipient_id = person;
    item.metadata = member(message, "metadata").substr(0, 1000);
    item.in_reply_to = comment;
    return {{"recipient_id", person}, {"message_id", write(house, item)}};
}

} // namespace sportello::simulator
