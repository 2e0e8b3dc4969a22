#include "../guarded.hpp"
#include "ids.hpp"
#include "media.hpp"
#include "problems.hpp"
#include "reader.hpp"
#include "twitter.hpp"

#include <algorithm>
#include <map>

namespace sportello::connectors::twitter {
namespace {

using State = ChannelTrouble::State;
using domain::Visibility;
using namespace std::chrono_literals;

/// Pages of a read-back: 3,200 own posts and more than a person writes in a window.
constexpr int read_back_pages = 32;
/// A new post may be answered everywhere after so long.
constexpr auto visible_after = 60s;

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

/// RFC 3339 in whole seconds, as X wants its times.
std::string whole_seconds(Instant t)
{
    return base::to_rfc3339(std::chrono::floor<std::chrono::seconds>(t));
}

class TwitterConnector final : public Connector {
public:
    TwitterConnector(ChannelSettings settings, http::Transport& transport, base::Clock& clock, base::Random& random)
        : settings_(std::move(settings)), api_(settings_, transport, clock, random), account_(api_, settings_.account),
          reader_(api_, account_, settings_.overlap)
    {
    }

    boost::asio::awaitable<PollResult> poll(std::string cursor) override
    {
        auto reading = reader_.poll(cursor);
        PollResult result = co_await poll_guarded("X", std::move(reading), std::move(cursor));
        result.access = api_.access();
        co_return result;
    }
    boost::asio::awaitable<RecheckResult> recheck(std::vector<std::string> platform_ids) override
    {
        auto looking = look_again(std::move(platform_ids));
        co_return co_await guarded<RecheckResult>("X", std::move(looking));
    }
    boost::asio::awaitable<PublishOutcome> publish(PublishRequest request) override
    {
        auto sending = send(std::move(request));
        co_return co_await publish_guarded(std::move(sending));
    }
    [[nodiscard]] domain::CallBudget* budget() override { return &api_.budget(); }
    boost::asio::awaitable<ActionOutcome> act(Action action) override
    {
        auto doing = carry_out(std::move(action));
        co_return co_await publish_guarded(std::move(doing));
    }
    boost::asio::awaitable<ReadBackResult> read_back(ReadBackRequest request) override
    {
        auto reading = read_own(std::move(request));
        co_return co_await guarded<ReadBackResult>("X", std::move(reading));
    }
    [[nodiscard]] DeliveryNews news_in(std::string_view delivery) const override
    {
        DeliveryNews news;
        const auto body = parse_json(delivery);
        if (!body || !body->is_object()) {
            news.concerns = false;
            return news;
        }
        const Json& revoke = member(member(*body, "user_event"), "revoke");
        const std::string revoked_by = id_of(member(member(revoke, "source"), "user_id"));
        const std::string for_user = id_of(member(*body, "for_user_id"));
        const std::string& who = revoked_by.empty() ? for_user : revoked_by;
        // Before we know who we are, everything may be for us.
        news.concerns = who.empty() || account_.id().empty() || who == account_.id();
        news.revoked = !revoked_by.empty() && revoked_by == account_.id();
        return news;
    }

private:
    [[nodiscard]] Self self() const { return {account_.id(), account_.handle()}; }

    /// @param deadline  what is left of it is written back. @return ok, or why nothing may be sent.
    boost::asio::awaitable<ChannelTrouble> may_send(std::chrono::milliseconds& deadline);
    boost::asio::awaitable<PublishOutcome> send(PublishRequest request);
    boost::asio::awaitable<PublishOutcome> send_message(PublishRequest request);
    boost::asio::awaitable<PublishOutcome> create_post(Json body, std::optional<OutgoingFile> file, std::chrono::milliseconds deadline,
                                                       std::string answered);
    boost::asio::awaitable<ActionOutcome> carry_out(Action action);
    boost::asio::awaitable<ActionOutcome> publish_post(Action action);
    boost::asio::awaitable<RecheckResult> look_again(std::vector<std::string> ids);
    boost::asio::awaitable<ReadBackResult> read_own(ReadBackRequest request);
    boost::asio::awaitable<void> read_own_posts(const ReadBackRequest& request, ReadBackResult& result);
    boost::asio::awaitable<void> read_own_messages(const ReadBackRequest& request, ReadBackResult& result);
    boost::asio::awaitable<void> look_for_canary(const ReadBackRequest& request, ReadBackResult& result);
    boost::asio::awaitable<void> follow_edits(RecheckResult& result, std::map<std::string, std::string> newer_of);
    boost::asio::awaitable<Answer> posts_by_id(const std::vector<std::string>& ids);

    ChannelSettings settings_;
    Api api_;
    Account account_;
    Reader reader_;
};

std::string joined(const std::vector<std::string>& ids)
{
    std::string text;
    for (const auto& id : ids) text += (text.empty() ? "" : ",") + id;
    return text;
}

std::string dump(const Json& body)
{
    return body.dump(-1, ' ', false, Json::error_handler_t::replace);
}

boost::asio::awaitable<ChannelTrouble> TwitterConnector::may_send(std::chrono::milliseconds& deadline)
{
    const Instant started = api_.now();
    ChannelTrouble stranger = co_await account_.identify();
    if (stranger.state != State::ok) co_return stranger;
    deadline -= std::chrono::duration_cast<std::chrono::milliseconds>(api_.now() - started);
    if (deadline >= 1s) co_return ChannelTrouble{};
    co_return ChannelTrouble{State::unavailable, "X was too slow to say who we are; tried again by itself", {}};
}

boost::asio::awaitable<PublishOutcome> TwitterConnector::send(PublishRequest request)
{
    ChannelTrouble obstacle = co_await may_send(request.deadline);
    if (obstacle.state != State::ok) co_return not_sent(std::move(obstacle));
    if (request.visibility == Visibility::private_) co_return co_await send_message(std::move(request));
    if (!is_id(request.target_id)) co_return failed("No post is named that should be answered");
    Json body{{"reply", {{"in_reply_to_tweet_id", request.target_id}}}};
    if (!request.text.empty()) body["text"] = request.text;
    co_return co_await create_post(std::move(body), std::move(request.file), request.deadline, std::move(request.target_id));
}

/// @param answered  the post that is answered; empty: none
boost::asio::awaitable<PublishOutcome> TwitterConnector::create_post(Json body, std::optional<OutgoingFile> file,
                                                                     std::chrono::milliseconds deadline, std::string answered)
{
    if (file) {
        Uploaded uploaded = co_await upload_media(api_, std::move(*file), MediaUse::post, deadline);
        if (uploaded.media_id.empty()) co_return std::move(uploaded.obstacle);
        if (deadline < 1s) co_return not_sent({State::unavailable, "X was too slow to take the file; tried again by itself", {}});
        body["media"] = {{"media_ids", Json::array({uploaded.media_id})}};
    } else if (!body.contains("text")) {
        co_return failed("There is nothing to send");
    }
    std::string text = dump(body);
    const Answer answer = co_await api_.write(http::Method::post, "/tweets", std::move(text), deadline);
    PublishOutcome outcome = classify_send(answer, "id", api_.now());
    if (const auto exact = time_of_id(outcome.platform_id)) outcome.platform_time = exact;
    // A post that is seconds old is not visible to all of X yet; later the same words mean that it is gone.
    const auto written = time_of_id(answered);
    if (says_parent_unseen(answer) && written && std::chrono::abs(api_.now() - *written) < visible_after) {
        outcome.outcome = PublishOutcome::Class::not_sent;
        outcome.not_before = *written + visible_after;
    }
    co_return outcome;
}

boost::asio::awaitable<PublishOutcome> TwitterConnector::send_message(PublishRequest request)
{
    const bool group = is_id(request.root_id);
    if (!group && !is_id(request.recipient_id)) co_return failed("Nobody is named to whom the direct message should go");
    Json body = Json::object();
    if (!request.text.empty()) body["text"] = request.text;
    if (request.file) {
        Uploaded uploaded = co_await upload_media(api_, std::move(*request.file), MediaUse::direct_message, request.deadline);
        if (uploaded.media_id.empty()) co_return std::move(uploaded.obstacle);
        if (request.deadline < 1s) co_return not_sent({State::unavailable, "X was too slow to take the file; tried again by itself", {}});
        body["attachments"] = Json::array({{{"media_id", uploaded.media_id}}});
    } else if (request.text.empty()) {
        co_return failed("There is nothing to send");
    }
    std::string text = dump(body);
    std::string path =
        group ? "/dm_conversations/" + request.root_id + "/messages" : "/dm_conversations/with/" + request.recipient_id + "/messages";
    const Answer answer = co_await api_.write(http::Method::post, std::move(path), std::move(text), request.deadline);
    PublishOutcome outcome = classify_send(answer, "dm_event_id", api_.now());
    if (const auto exact = time_of_id(outcome.platform_id)) outcome.platform_time = exact;
    co_return outcome;
}

boost::asio::awaitable<ActionOutcome> TwitterConnector::carry_out(Action action)
{
    if (action.kind == ActionKind::like || action.kind == ActionKind::unlike) {
        co_return failed("X has taken likes out of its API for apps like ours; like it on X itself");
    }
    if (action.kind == ActionKind::edit) co_return failed("X lets nobody edit through its API; remove the post and write another");
    ChannelTrouble obstacle = co_await may_send(action.deadline);
    if (obstacle.state != State::ok) co_return not_sent(std::move(obstacle));
    if (action.kind == ActionKind::post) co_return co_await publish_post(std::move(action));
    if (!is_id(action.target_id)) co_return failed("Nothing is named to which this should be done");

    if (action.kind == ActionKind::remove) {
        const bool direct = action.visibility == Visibility::private_;
        std::string path = (direct ? "/dm_events/" : "/tweets/") + action.target_id;
        std::string nothing;
        const Answer answer = co_await api_.write(http::Method::del, std::move(path), std::move(nothing), action.deadline);
        if (says_gone(answer)) { // what should come of it has come of it
            ActionOutcome outcome;
            outcome.outcome = ActionOutcome::Class::published;
            co_return outcome;
        }
        co_return classify_action(answer, "deleted", true, api_.now());
    }
    const bool hide = action.kind == ActionKind::hide;
    std::string path = "/tweets/" + action.target_id + "/hidden";
    std::string text = dump(Json{{"hidden", hide}});
    const Answer answer = co_await api_.write(http::Method::put, std::move(path), std::move(text), action.deadline);
    co_return classify_action(answer, "hidden", hide, api_.now());
}

boost::asio::awaitable<ActionOutcome> TwitterConnector::publish_post(Action action)
{
    std::string text = std::move(action.text);
    if (!action.link.empty() && text.find(action.link) == std::string::npos) text += (text.empty() ? "" : "\n") + action.link;
    Json body = Json::object();
    if (!text.empty()) body["text"] = text;
    co_return co_await create_post(std::move(body), std::move(action.file), action.deadline, {});
}

boost::asio::awaitable<ReadBackResult> TwitterConnector::read_own(ReadBackRequest request)
{
    ReadBackResult result;
    result.trouble = co_await account_.identify();
    if (result.trouble.state != State::ok) co_return result;
    if (request.visibility == Visibility::private_) {
        co_await read_own_messages(request, result);
    } else {
        co_await read_own_posts(request, result);
        if (result.complete && !result.canary_seen) co_await look_for_canary(request, result);
    }
    co_return result;
}

boost::asio::awaitable<void> TwitterConnector::read_own_posts(const ReadBackRequest& request, ReadBackResult& result)
{
    std::string token;
    for (int page = 0; page < read_back_pages; ++page) {
        http::Parameters query;
        query.add("max_results", "100");
        query.add("start_time", whole_seconds(request.since));
        if (!token.empty()) query.add("pagination_token", token);
        ask_for_posts(query);
        const Answer answer = co_await api_.get("/users/" + account_.id() + "/tweets", query, domain::CallUse::answering);
        if (!answer.success() || !answer.body || !member(*answer.body, "meta").is_object()) {
            result.trouble = trouble_of_read(answer, api_.now());
            co_return;
        }
        Translated read = translate_posts(*answer.body, self());
        for (auto& item : read.items) {
            if (item.at >= request.since + 2min) result.canary_seen = true;
            if (item.own && item.at >= std::chrono::floor<std::chrono::seconds>(request.since)) result.own.push_back(std::move(item));
        }
        const std::string next = id_of(member(member(*answer.body, "meta"), "next_token"));
        if (next.empty()) {
            result.complete = true;
            co_return;
        }
        if (next == token) co_return;
        token = next;
    }
}

boost::asio::awaitable<void> TwitterConnector::read_own_messages(const ReadBackRequest& request, ReadBackResult& result)
{
    const bool group = is_id(request.root_id);
    const std::string path =
        group ? "/dm_conversations/" + request.root_id + "/dm_events" : "/dm_conversations/with/" + request.recipient_id + "/dm_events";
    std::string token;
    for (int page = 0; page < read_back_pages; ++page) {
        http::Parameters query;
        query.add("max_results", "100");
        if (!token.empty()) query.add("pagination_token", token);
        ask_for_direct_messages(query);
        const Answer answer = co_await api_.get(path, query, domain::CallUse::answering);
        if (!answer.success() || !answer.body || !member(*answer.body, "meta").is_object()) {
            result.trouble = trouble_of_read(answer, api_.now());
            co_return;
        }
        bool reached = false;
        Translated read = translate_direct_messages(*answer.body, self());
        for (auto& item : read.items) {
            if (item.at >= request.since + 2min) result.canary_seen = true;
            if (item.at < std::chrono::floor<std::chrono::seconds>(request.since)) {
                reached = true;
            } else if (item.own) {
                result.own.push_back(std::move(item));
            }
        }
        const std::string next = id_of(member(member(*answer.body, "meta"), "next_token"));
        if (next.empty() || reached) {
            result.complete = true;
            co_return;
        }
        if (next == token) co_return;
        token = next;
    }
}

/// Our own timeline may simply lag; a mention newer than the send shows that the account's lists are up to date.
boost::asio::awaitable<void> TwitterConnector::look_for_canary(const ReadBackRequest& request, ReadBackResult& result)
{
    http::Parameters query;
    query.add("max_results", "5");
    query.add("start_time", whole_seconds(request.since + 2min));
    ask_for_posts(query);
    const Answer answer = co_await api_.get("/users/" + account_.id() + "/mentions", query, domain::CallUse::answering);
    const Translated read = translate_posts(answer.json(), self());
    result.canary_seen =
        std::any_of(read.items.begin(), read.items.end(), [&](const auto& item) { return item.at >= request.since + 2min; });
}

boost::asio::awaitable<Answer> TwitterConnector::posts_by_id(const std::vector<std::string>& ids)
{
    http::Parameters query;
    query.add("ids", joined(ids));
    ask_for_posts(query);
    co_return co_await api_.get("/tweets", std::move(query));
}

boost::asio::awaitable<RecheckResult> TwitterConnector::look_again(std::vector<std::string> ids)
{
    RecheckResult result;
    std::erase_if(ids, [](const std::string& id) { return !is_id(id); });
    if (ids.empty()) co_return result;
    result.trouble = co_await account_.identify();
    if (result.trouble.state != State::ok) co_return result;

    const Answer answer = co_await posts_by_id(ids);
    if (!answer.success() || !answer.body) {
        result.trouble = trouble_of_read(answer, api_.now());
        co_return result;
    }
    std::map<std::string, std::string> newer_of; ///< id asked for -> its newest revision
    for (const Json& post : elements(member(*answer.body, "data"))) {
        const Json& history = member(post, "edit_history_tweet_ids");
        const Json& revisions = history.is_null() ? member(post, "edit_history_post_ids") : history;
        const std::string id = id_of(member(post, "id"));
        const std::string newest = elements(revisions).empty() ? id : id_of(elements(revisions).back());
        if (is_id(newest) && id_less(id, newest)) newer_of.emplace(id, newest);
    }
    Translated read = translate_posts(*answer.body, self());
    for (auto& item : read.items) {
        if (newer_of.contains(item.platform_id)) continue;
        std::string id = item.platform_id;
        result.items.push_back({std::move(id), false, std::move(item)});
    }
    for (const Json& error : elements(member(*answer.body, "errors"))) {
        const std::string id = id_of(member(error, "resource_id"));
        const bool asked = std::find(ids.begin(), ids.end(), id) != ids.end();
        const std::string type = text_of(member(error, "type"));
        if (asked && type.ends_with("/resource-not-found")) result.items.push_back({id, true, std::nullopt});
    }
    if (!newer_of.empty()) co_await follow_edits(result, std::move(newer_of));
    co_return result;
}

boost::asio::awaitable<void> TwitterConnector::follow_edits(RecheckResult& result, std::map<std::string, std::string> newer_of)
{
    std::vector<std::string> newest;
    for (const auto& [asked, id] : newer_of) newest.push_back(id);
    const Answer answer = co_await posts_by_id(newest);
    if (!answer.success() || !answer.body) {
        result.trouble = trouble_of_read(answer, api_.now());
        co_return;
    }
    const Translated read = translate_posts(*answer.body, self());
    for (const auto& [asked, id] : newer_of) {
        const auto found = std::find_if(read.items.begin(), read.items.end(), [&](const auto& item) { return item.platform_id == id; });
        if (found != read.items.end()) result.items.push_back({asked, false, *found});
    }
}

} // namespace

std::unique_ptr<Connector> make(ChannelSettings settings, http::Transport& transport, base::Clock& clock, base::Random& random)
{
    return std::make_unique<TwitterConnector>(std::move(settings), transport, clock, random);
}

} // namespace sportello::connectors::twitter
