#include "../guarded.hpp"
#include "errors.hpp"
#include "facebook.hpp"
#include "graph.hpp"
#include "page.hpp"
#include "reader.hpp"
#include "token_facts.hpp"
#include "translate.hpp"
#include <sportello/base/text.hpp>

#include <algorithm>

namespace sportello::connectors::facebook {
namespace {

using State = ChannelTrouble::State;
using domain::Visibility;
using namespace std::chrono_literals;

constexpr auto response_window = 24h;
constexpr auto human_agent_window = 7 * 24h;
/// Clocks of two machines differ; what is this close to the end of a window is sent the other way or not at all.
constexpr auto window_margin = 1min;
constexpr int read_back_pages = 50;
constexpr std::size_t ids_a_call = 50;
// Lengths in code points; what is longer is refused before it is sent.
constexpr std::size_t comment_limit = 8'000;
constexpr std::size_t message_limit = 1'999;
constexpr std::size_t post_limit = 63'206;
constexpr std::size_t image_limit_bytes = std::size_t{8} * 1024 * 1024;
constexpr std::size_t file_limit_bytes = std::size_t{25} * 1024 * 1024;
/// What a comment and a post have in common: asked of either.
constexpr std::string_view common_fields = "id,from,message,created_time,permalink_url,is_hidden";

PublishOutcome not_sent(ChannelTrouble trouble)
{
    PublishOutcome outcome;
    outcome.outcome = PublishOutcome::Class::not_sent;
    outcome.reason = trouble.reason;
    outcome.not_before = trouble.not_before;
    outcome.trouble = std::move(trouble);
    return outcome;
}

PublishOutcome failed(std::string reason)
{
    PublishOutcome outcome;
    outcome.outcome = PublishOutcome::Class::failed;
    outcome.reason = std::move(reason);
    return outcome;
}

/// What a message may be sent as, that long after the person last wrote.
enum class Window { response, human_agent, closed };

Window window_of(base::Duration since_last_inbound, bool human_agent)
{
    if (since_last_inbound < response_window - window_margin) return Window::response;
    return human_agent && since_last_inbound < human_agent_window - window_margin ? Window::human_agent : Window::closed;
}

/// An id that can stand in a path: digits, letters, '_' and what Messenger's ids hold.
bool fits_path(std::string_view id)
{
    return !id.empty() && std::all_of(id.begin(), id.end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '-' || c == '=';
    });
}

/// Messenger's word for a kind of file.
std::string attachment_type(std::string_view media_type)
{
    for (const std::string_view kind : {"image", "video", "audio"}) {
        if (media_type.starts_with(kind)) return std::string(kind);
    }
    return "file";
}

/// Why a text or file cannot go out; empty when it can.
std::string obstacle_of(std::string_view text, const std::optional<OutgoingFile>& file, std::size_t text_limit)
{
    if (base::trim(text).empty() && !file) return "There is nothing to send";
    if (base::count_code_points(text) > text_limit)
        return "The text is longer than the " + std::to_string(text_limit) + " characters allowed here";
    if (!file) return {};
    if (file->bytes.empty() && !file->url.starts_with("https://") && !file->url.starts_with("http://")) return "The file is empty";
    const bool image = file->media_type.starts_with("image");
    if (file->bytes.size() > (image ? image_limit_bytes : file_limit_bytes)) {
        return image ? "The picture is larger than the 8 MB allowed here" : "The file is larger than the 25 MB allowed here";
    }
    return {};
}

class FacebookConnector final : public Connector {
public:
    FacebookConnector(ChannelSettings settings, http::Transport& transport, base::Clock& clock, std::shared_ptr<App> app)
        : settings_(std::move(settings)), graph_(settings_, transport, clock, std::move(app)), page_(graph_, settings_.account),
          translator_(settings_.account), reader_(graph_, page_, translator_, settings_), access_(settings_, transport, clock)
    {
    }

    boost::asio::awaitable<PollResult> poll(std::string cursor) override
    {
        co_await graph_.look_for_token();
        auto reading = reader_.poll(cursor);
        PollResult result = co_await poll_guarded("Facebook", std::move(reading), std::move(cursor));
        auto access = co_await access_.look(graph_.token());
        result.access = std::move(access);
        co_return result;
    }
    boost::asio::awaitable<RecheckResult> recheck(std::vector<std::string> platform_ids) override
    {
        auto looking = look_again(std::move(platform_ids));
        co_return co_await guarded<RecheckResult>("Facebook", std::move(looking));
    }
    boost::asio::awaitable<PublishOutcome> publish(PublishRequest request) override
    {
        auto sending = send(std::move(request));
        co_return co_await publish_guarded(std::move(sending));
    }
    boost::asio::awaitable<ReadBackResult> read_back(ReadBackRequest request) override
    {
        auto reading = read_own(std::move(request));
        co_return co_await guarded<ReadBackResult>("Facebook", std::move(reading));
    }
    boost::asio::awaitable<ActionOutcome> act(Action action) override
    {
        auto doing = carry_out(std::move(action));
        co_return co_await publish_guarded(std::move(doing));
    }
    [[nodiscard]] domain::CallBudget* budget() override { return &graph_.budget(); }
    [[nodiscard]] std::vector<Confirmation> confirmations(std::string_view delivery) const override
    {
        const auto body = parse_json(delivery);
        return body ? translator_.echoes(*body) : std::vector<Confirmation>();
    }

    [[nodiscard]] DeliveryNews news_in(std::string_view delivery) const override
    {
        const auto body = parse_json(delivery);
        const Json& entries = body ? elements(member(*body, "entry")) : elements(Json());
        DeliveryNews news;
        news.concerns =
            std::any_of(entries.begin(), entries.end(), [&](const Json& entry) { return id_of(member(entry, "id")) == settings_.account; });
        if (news.concerns) news.confirmations = translator_.echoes(*body);
        return news;
    }

private:
    /// @param deadline  what is left of it is written back. @return ok, or why nothing may be sent.
    boost::asio::awaitable<ChannelTrouble> may_send(std::chrono::milliseconds& deadline);
    boost::asio::awaitable<PublishOutcome> send(PublishRequest request);
    boost::asio::awaitable<PublishOutcome> send_comment(PublishRequest request);
    boost::asio::awaitable<PublishOutcome> send_message(PublishRequest request);
    /// Posts a form, with a file beside it when there is one with bytes.
    boost::asio::awaitable<Answer> submit(std::string path, http::Parameters form, std::string part, std::optional<OutgoingFile> file,
                                          std::chrono::milliseconds deadline);
    boost::asio::awaitable<ActionOutcome> carry_out(Action action);
    boost::asio::awaitable<ActionOutcome> publish_post(Action action);
    boost::asio::awaitable<bool> reads_private_thread(ReadBackRequest& request, ReadBackResult& result);
    boost::asio::awaitable<ReadBackResult> read_own(ReadBackRequest request);
    boost::asio::awaitable<void> read_window(const ReadBackRequest& request, ReadBackResult& result);
    boost::asio::awaitable<bool> is_gone_for_sure(std::string id);
    boost::asio::awaitable<RecheckResult> look_again(std::vector<std::string> ids);
    boost::asio::awaitable<void> look_at(std::vector<std::string> ids, bool posts, RecheckResult& result);
    void take_rechecked(const std::string& id, const Json& row, bool posts, RecheckResult& result) const;

    ChannelSettings settings_;
    Graph graph_;
    PageIdentity page_;
    Translator translator_;
    Reader reader_;
    AccessWatch access_;
};

boost::asio::awaitable<ChannelTrouble> FacebookConnector::may_send(std::chrono::milliseconds& deadline)
{
    const Instant started = graph_.now();
    ChannelTrouble refusal = graph_.refusal();
    if (refusal.state != State::ok) co_return refusal;
    ChannelTrouble stranger = co_await page_.verify();
    if (stranger.state != State::ok) co_return stranger;
    deadline -= std::chrono::duration_cast<std::chrono::milliseconds>(graph_.now() - started);
    if (deadline >= 1s) co_return ChannelTrouble{};
    co_return ChannelTrouble{State::unavailable, "Facebook was too slow to say who we are; tried again by itself", {}};
}

boost::asio::awaitable<Answer> FacebookConnector::submit(std::string path, http::Parameters form, std::string part,
                                                         std::optional<OutgoingFile> file, std::chrono::milliseconds deadline)
{
    if (!file || file->bytes.empty()) co_return co_await graph_.post(std::move(path), std::move(form), deadline);
    co_return co_await graph_.post_file(std::move(path), std::move(form), std::move(part), std::move(*file), deadline);
}

boost::asio::awaitable<PublishOutcome> FacebookConnector::send(PublishRequest request)
{
    ChannelTrouble obstacle = co_await may_send(request.deadline);
    if (obstacle.state != State::ok) co_return not_sent(std::move(obstacle));
    if (request.visibility == Visibility::public_) co_return co_await send_comment(std::move(request));
    co_return co_await send_message(std::move(request));
}

boost::asio::awaitable<PublishOutcome> FacebookConnector::send_comment(PublishRequest request)
{
    if (!fits_path(request.target_id)) co_return failed("No post or comment is named that should be answered");
    if (std::string obstacle = obstacle_of(request.text, request.file, comment_limit); !obstacle.empty())
        co_return failed(std::move(obstacle));
    http::Parameters form;
    if (!request.text.empty()) form.add("message", request.text);
    if (request.file && request.file->bytes.empty()) form.add("attachment_url", request.file->url);
    form.add("fields", "id,created_time");
    const std::string path = "/" + request.target_id + "/comments";
    const Answer answer = co_await submit(path, std::move(form), "source", std::move(request.file), request.deadline);
    co_return classify_send(answer, "id", graph_.now());
}

boost::asio::awaitable<PublishOutcome> FacebookConnector::send_message(PublishRequest request)
{
    const bool first = !request.private_reply_to.empty();
    if (!fits_path(first ? request.private_reply_to : request.recipient_id))
        co_return failed("Nobody is named to whom the message should go");
    if (std::string obstacle = obstacle_of(request.text, request.file, message_limit); !obstacle.empty())
        co_return failed(std::move(obstacle));
    if (request.file && !request.text.empty()) co_return failed("Messenger takes a text and a file as two messages");

    http::Parameters form;
    if (first) {
        // Once, within seven days; it opens no window of its own until the person answers.
        if (request.target_at != Instant{} && graph_.now() - request.target_at >= human_agent_window - window_margin) {
            co_return failed("Facebook lets us answer a comment in private for seven days; that time is over");
        }
        form.add("recipient",
                 Json{{translator_.is_post_id(request.private_reply_to) ? "post_id" : "comment_id", request.private_reply_to}}.dump());
        form.add("messaging_type", "RESPONSE");
    } else {
        const Window window = window_of(graph_.now() - request.last_inbound_at, settings_.human_agent);
        if (window == Window::closed) {
            co_return failed(settings_.human_agent
                                 ? "Messenger lets us answer for seven days after the person's last message; that time is over"
                                 : "Messenger lets us answer for 24 hours after the person's last message; that time is over");
        }
        if (window == Window::human_agent && request.file) {
            co_return failed("After 24 hours Messenger takes only text, written by a person");
        }
        form.add("recipient", Json{{"id", request.recipient_id}}.dump());
        form.add("messaging_type", window == Window::response ? "RESPONSE" : "MESSAGE_TAG");
        if (window == Window::human_agent) form.add("tag", "HUMAN_AGENT");
    }
    Json message{{"metadata", request.attempt_key}};
    if (request.file) {
        Json payload = Json::object();
        if (request.file->bytes.empty()) payload["url"] = request.file->url;
        message["attachment"] = {{"type", attachment_type(request.file->media_type)}, {"payload", payload}};
    } else {
        message["text"] = request.text;
    }
    form.add("message", message.dump(-1, ' ', false, Json::error_handler_t::replace));
    const std::string path = "/" + settings_.account + "/messages";
    const Answer answer = co_await submit(path, std::move(form), "filedata", std::move(request.file), request.deadline);
    co_return classify_send(answer, "message_id", graph_.now());
}

boost::asio::awaitable<ActionOutcome> FacebookConnector::carry_out(Action action)
{
    ChannelTrouble obstacle = co_await may_send(action.deadline);
    if (obstacle.state != State::ok) co_return not_sent(std::move(obstacle));
    if (action.kind == ActionKind::post) co_return co_await publish_post(std::move(action));
    if (!fits_path(action.target_id)) co_return failed("No post or comment is named to which this should be done");

    const std::string path = "/" + action.target_id;
    http::Parameters form;
    Answer answer;
    switch (action.kind) {
    case ActionKind::hide:
    case ActionKind::unhide:
        form.add("is_hidden", action.kind == ActionKind::hide ? "true" : "false");
        answer = co_await graph_.post(path, std::move(form), action.deadline);
        break;
    case ActionKind::edit:
        if (std::string flaw = obstacle_of(action.text, std::nullopt, post_limit); !flaw.empty()) co_return failed(std::move(flaw));
        form.add("message", action.text);
        answer = co_await graph_.post(path, std::move(form), action.deadline);
        break;
    case ActionKind::like:
        answer = co_await graph_.post(path + "/likes", std::move(form), action.deadline);
        break;
    case ActionKind::unlike:
        answer = co_await graph_.del(path + "/likes", action.deadline);
        break;
    case ActionKind::remove:
    case ActionKind::post:
        answer = co_await graph_.del(path, action.deadline);
        break;
    }
    ActionOutcome outcome = classify_action(answer, graph_.now());
    const bool gone = answer.arrived() && is_gone(error_of(answer.json()));
    if (gone && action.kind == ActionKind::remove) { // what should come of it has come of it
        outcome = ActionOutcome{};
        outcome.outcome = ActionOutcome::Class::published;
    }
    co_return outcome;
}

boost::asio::awaitable<ActionOutcome> FacebookConnector::publish_post(Action action)
{
    if (action.link.empty() || action.file) {
        if (std::string flaw = obstacle_of(action.text, action.file, post_limit); !flaw.empty()) co_return failed(std::move(flaw));
    }
    const bool photo = action.file && action.file->media_type.starts_with("image");
    if (action.file && !photo) co_return failed("Only pictures can be posted with a text");
    http::Parameters form;
    if (!action.text.empty()) form.add(photo ? "caption" : "message", action.text);
    if (!action.link.empty() && !photo) form.add("link", action.link);
    if (photo && action.file->bytes.empty()) form.add("url", action.file->url);
    const std::string path = "/" + settings_.account + (photo ? "/photos" : "/feed");
    const Answer answer = co_await submit(path, std::move(form), "source", std::move(action.file), action.deadline);
    co_return classify_send(answer, photo ? "post_id" : "id", graph_.now());
}

boost::asio::awaitable<ReadBackResult> FacebookConnector::read_own(ReadBackRequest request)
{
    ReadBackResult result;
    result.trouble = co_await page_.verify();
    if (result.trouble.state != State::ok) co_return result;
    if (!request.private_reply_to.empty()) {
        const bool threaded = co_await reads_private_thread(request, result);
        if (!threaded) co_return result;
    }
    co_await read_window(request, result);
    const bool commented = request.visibility == Visibility::public_ && result.own.empty() && request.target_id != request.root_id;
    if (result.complete && commented) result.parent_gone = co_await is_gone_for_sure(request.target_id);
    co_return result;
}

/// Finds the conversation that a private answer to a comment has opened. @return whether there is one to be read;
/// otherwise `result` tells what was seen.
boost::asio::awaitable<bool> FacebookConnector::reads_private_thread(ReadBackRequest& request, ReadBackResult& result)
{
    if (!fits_path(request.private_reply_to)) {
        result.trouble = {State::misconfigured, "The reply names nothing that was answered in private", {}};
        co_return false;
    }
    const bool post = translator_.is_post_id(request.private_reply_to);
    http::Parameters query;
    query.add("fields", post ? "id,from" : "id,from,private_reply_conversation{id}");
    const Answer item = co_await graph_.get("/" + request.private_reply_to, std::move(query));
    if (!item.success() || !item.body) {
        result.parent_gone = is_gone(error_of(item.json()));
        result.complete = result.parent_gone;
        if (!result.parent_gone) result.trouble = trouble_of_read(item, graph_.now());
        co_return false;
    }
    std::string person = id_of(member(member(*item.body, "from"), "id"));
    std::string thread = id_of(member(member(*item.body, "private_reply_conversation"), "id"));
    if (thread.empty() && fits_path(person)) {
        http::Parameters look;
        look.add("platform", "messenger");
        look.add("user_id", person);
        look.add("fields", "id");
        const Answer threads = co_await graph_.get("/" + settings_.account + "/conversations", std::move(look));
        if (!threads.success() || !threads.body) {
            result.trouble = trouble_of_read(threads, graph_.now());
            co_return false;
        }
        const Json& rows = elements(member(*threads.body, "data"));
        if (!rows.empty()) thread = id_of(member(rows.front(), "id"));
    }
    result.complete = thread.empty(); // nobody has written to this person
    request.target_id = request.root_id = thread;
    request.recipient_id = std::move(person);
    co_return !thread.empty();
}

/// Reads the thread from its newest item back to the window's start. A comment is looked for under the whole post,
/// since Facebook may file an answer to an answer under another comment of the thread.
boost::asio::awaitable<void> FacebookConnector::read_window(const ReadBackRequest& request, ReadBackResult& result)
{
    const bool direct = request.visibility == Visibility::private_;
    const bool own_posts = !direct && request.target_id.empty();
    const std::string& subject = own_posts ? settings_.account : request.root_id.empty() ? request.target_id : request.root_id;
    if (!fits_path(subject)) {
        result.trouble = {State::misconfigured, "The reply names no thread that could be read", {}};
        co_return;
    }
    const Instant first_second = std::chrono::floor<std::chrono::seconds>(request.since);
    std::string link;
    for (int page = 0; page < read_back_pages; ++page) {
        http::Parameters query;
        query.add("fields", own_posts ? post_fields() : std::string(direct ? message_fields : comment_fields));
        query.add("limit", direct ? "25" : "100");
        if (!direct && !own_posts) {
            query.add("filter", "stream");
            query.add("order", "reverse_chronological");
        }
        Answer answer;
        if (link.empty()) {
            const std::string edge = own_posts ? "/published_posts" : direct ? "/messages" : "/comments";
            answer = co_await graph_.get("/" + subject + edge, query);
        } else {
            answer = co_await graph_.follow(link);
        }
        if (!answer.success() || !answer.body) {
            result.trouble = trouble_of_read(answer, graph_.now());
            if (!direct && !own_posts && link.empty() && is_gone(error_of(answer.json()))) {
                result.parent_gone = true; // verify() has shown that the token works
                result.complete = true;
                result.trouble = {};
            }
            co_return;
        }
        Collected read;
        for (const Json& row : elements(member(*answer.body, "data"))) {
            if (direct) {
                translator_.message(row, subject, request.recipient_id, read);
            } else if (own_posts) {
                translator_.post(row, read);
            } else {
                translator_.comment(row, subject, read);
            }
        }
        bool falling = true;
        bool before_window = false;
        Instant last = Instant::max();
        for (auto& item : read.items) {
            falling = falling && item.at <= last;
            last = item.at;
            if (item.at >= request.since + 2min) result.canary_seen = true;
            if (item.at < first_second) {
                before_window = true;
            } else if (item.own) {
                result.own.push_back(std::move(item));
            }
        }
        std::string next = next_link(*answer.body);
        if (next.empty() || (falling && before_window)) {
            result.complete = true;
            co_return;
        }
        if (next == link) co_return;
        link = std::move(next);
    }
}

boost::asio::awaitable<bool> FacebookConnector::is_gone_for_sure(std::string id)
{
    if (!fits_path(id)) co_return false;
    http::Parameters query;
    query.add("fields", "id");
    const Answer answer = co_await graph_.get("/" + id, query);
    co_return !answer.success() && is_gone(error_of(answer.json()));
}

boost::asio::awaitable<RecheckResult> FacebookConnector::look_again(std::vector<std::string> ids)
{
    RecheckResult result;
    result.trouble = co_await page_.verify();
    if (result.trouble.state != State::ok) co_return result;
    std::vector<std::string> posts;
    std::vector<std::string> comments;
    for (auto& id : ids) {
        if (!fits_path(id)) continue;
        if (translator_.is_post_id(id)) {
            posts.push_back(std::move(id));
        } else if (!translator_.post_of_comment(id).empty() && id.find_first_not_of("0123456789_") == std::string::npos) {
            comments.push_back(std::move(id));
        }
    }
    co_await look_at(std::move(posts), true, result);
    if (result.trouble.state == State::ok) co_await look_at(std::move(comments), false, result);
    co_return result;
}

/// One bad id fails a whole call: then each half is asked for itself, down to the bad one.
boost::asio::awaitable<void> FacebookConnector::look_at(std::vector<std::string> ids, bool posts, RecheckResult& result)
{
    std::vector<std::vector<std::string>> waiting;
    for (std::size_t at = 0; at < ids.size(); at += ids_a_call) {
        const auto first = ids.begin() + static_cast<std::ptrdiff_t>(at);
        waiting.emplace_back(first, first + static_cast<std::ptrdiff_t>(std::min(ids_a_call, ids.size() - at)));
    }
    while (!waiting.empty()) {
        const std::vector<std::string> some = std::move(waiting.back());
        waiting.pop_back();
        std::string list;
        for (const auto& id : some) list += (list.empty() ? "" : ",") + id;
        http::Parameters query;
        query.add("ids", list);
        query.add("fields", posts ? post_fields() : std::string(common_fields));
        const Answer answer = co_await graph_.get("/", query);
        const GraphError error = error_of(answer.json());
        if (answer.success() && answer.body && error.code == 0) {
            for (const auto& id : some) take_rechecked(id, member(*answer.body, id), posts, result);
        } else if (error.code == 100 && some.size() > 1) {
            const auto half = some.begin() + static_cast<std::ptrdiff_t>(some.size() / 2);
            waiting.emplace_back(some.begin(), half);
            waiting.emplace_back(half, some.end());
        } else if (is_gone(error)) {
            result.items.push_back({some.front(), true, std::nullopt});
        } else if (!concerns_one_object(error) || some.size() > 1) {
            result.trouble = trouble_of_read(answer, graph_.now());
            co_return;
        }
    }
}

void FacebookConnector::take_rechecked(const std::string& id, const Json& row, bool posts, RecheckResult& result) const
{
    Collected read;
    if (posts) {
        translator_.post(row, read);
    } else {
        translator_.comment(row, translator_.post_of_comment(id), read);
    }
    if (read.items.empty()) return;
    read.items.front().platform_id = id;
    // A post of somebody else that names the Page has an id like a comment's; without a message it has a story.
    const bool readable = posts || member(row, "message").is_string();
    result.items.push_back({id, false, readable ? std::optional(std::move(read.items.front())) : std::nullopt});
}

} // namespace

std::unique_ptr<Connector> make(ChannelSettings settings, http::Transport& transport, base::Clock& clock, std::shared_ptr<App> app)
{
    return std::make_unique<FacebookConnector>(std::move(settings), transport, clock, std::move(app));
}

} // namespace sportello::connectors::facebook
