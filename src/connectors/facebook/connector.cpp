#include "../guarded.hpp"
#include "errors.hpp"
#include "facebook.hpp"
#include "graph.hpp"
#include "page.hpp"
#include "reader.hpp"
#include "translate.hpp"

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

class FacebookConnector final : public Connector {
public:
    FacebookConnector(ChannelSettings settings, http::Transport& transport, base::Clock& clock, std::shared_ptr<App> app)
        : settings_(std::move(settings)), graph_(settings_, transport, clock, std::move(app)), page_(graph_, settings_.account),
          translator_(settings_.account), reader_(graph_, page_, translator_, settings_)
    {
    }

    boost::asio::awaitable<PollResult> poll(std::string cursor) override
    {
        auto reading = reader_.poll(cursor);
        co_return co_await poll_guarded("Facebook", std::move(reading), std::move(cursor));
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

private:
    boost::asio::awaitable<PublishOutcome> send(PublishRequest request);
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
};

boost::asio::awaitable<PublishOutcome> FacebookConnector::send(PublishRequest request)
{
    const Instant started = graph_.now();
    ChannelTrouble refusal = graph_.refusal();
    if (refusal.state != State::ok) co_return not_sent(std::move(refusal));
    ChannelTrouble stranger = co_await page_.verify();
    if (stranger.state != State::ok) co_return not_sent(std::move(stranger));
    const Instant now = graph_.now();
    const auto left = request.deadline - std::chrono::duration_cast<std::chrono::milliseconds>(now - started);
    if (left < 1s) co_return not_sent({State::unavailable, "Facebook was too slow to say who we are; tried again by itself", {}});

    http::Parameters form;
    if (request.visibility == Visibility::public_) {
        if (!fits_path(request.target_id)) co_return failed("No post or comment is named that should be answered");
        form.add("message", request.text);
        form.add("fields", "id,created_time");
        const Answer answer = co_await graph_.post("/" + request.target_id + "/comments", std::move(form), left);
        co_return classify_send(answer, "id", graph_.now());
    }

    if (!fits_path(request.recipient_id)) co_return failed("Nobody is named to whom the message should go");
    const Window window = window_of(now - request.last_inbound_at, settings_.human_agent);
    if (window == Window::closed) {
        co_return failed(settings_.human_agent
                             ? "Messenger lets us answer for seven days after the person's last message; that time is over"
                             : "Messenger lets us answer for 24 hours after the person's last message; that time is over");
    }
    form.add("recipient", Json{{"id", request.recipient_id}}.dump());
    form.add("messaging_type", window == Window::response ? "RESPONSE" : "MESSAGE_TAG");
    if (window == Window::human_agent) form.add("tag", "HUMAN_AGENT");
    const Json message{{"text", request.text}, {"metadata", request.attempt_key}};
    form.add("message", message.dump(-1, ' ', false, Json::error_handler_t::replace));
    const Answer answer = co_await graph_.post("/" + settings_.account + "/messages", std::move(form), left);
    co_return classify_send(answer, "message_id", graph_.now());
}

boost::asio::awaitable<ReadBackResult> FacebookConnector::read_own(ReadBackRequest request)
{
    ReadBackResult result;
    result.trouble = co_await page_.verify();
    if (result.trouble.state != State::ok) co_return result;
    co_await read_window(request, result);
    const bool commented = request.visibility == Visibility::public_ && result.own.empty() && request.target_id != request.root_id;
    if (result.complete && commented) result.parent_gone = co_await is_gone_for_sure(request.target_id);
    co_return result;
}

/// Reads the thread from its newest item back to the window's start. A comment is looked for under the whole post,
/// since Facebook may file an answer to an answer under another comment of the thread.
boost::asio::awaitable<void> FacebookConnector::read_window(const ReadBackRequest& request, ReadBackResult& result)
{
    const bool direct = request.visibility == Visibility::private_;
    const std::string& subject = request.root_id.empty() ? request.target_id : request.root_id;
    if (!fits_path(subject)) {
        result.trouble = {State::misconfigured, "The reply names no thread that could be read", {}};
        co_return;
    }
    const Instant first_second = std::chrono::floor<std::chrono::seconds>(request.since);
    std::string link;
    for (int page = 0; page < read_back_pages; ++page) {
        http::Parameters query;
        query.add("fields", std::string(direct ? message_fields : comment_fields));
        query.add("limit", direct ? "25" : "100");
        if (!direct) {
            query.add("filter", "stream");
            query.add("order", "reverse_chronological");
        }
        Answer answer;
        if (link.empty()) {
            answer = co_await graph_.get("/" + subject + (direct ? "/messages" : "/comments"), query);
        } else {
            answer = co_await graph_.follow(link);
        }
        if (!answer.success() || !answer.body) {
            result.trouble = trouble_of_read(answer, graph_.now());
            if (!direct && link.empty() && is_gone(error_of(answer.json()))) {
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
        query.add("fields", posts ? post_fields() : std::string(comment_fields));
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
    result.items.push_back({id, false, std::move(read.items.front())});
}

} // namespace

std::unique_ptr<Connector> make(ChannelSettings settings, http::Transport& transport, base::Clock& clock, std::shared_ptr<App> app)
{
    return std::make_unique<FacebookConnector>(std::move(settings), transport, clock, std::move(app));
}

} // namespace sportello::connectors::facebook
