#include "problems.hpp"

#include "ids.hpp"
#include <sportello/base/text.hpp>

#include <algorithm>
#include <array>

namespace sportello::connectors::twitter {
namespace {

using State = ChannelTrouble::State;
using Class = PublishOutcome::Class;
using namespace std::chrono_literals;

std::string last_segment(const std::string& type)
{
    if (type == "about:blank") return {};
    const auto slash = type.rfind('/');
    return slash == std::string::npos ? type : type.substr(slash + 1);
}

bool says(const Problem& problem, std::string_view words)
{
    return problem.detail.find(words) != std::string::npos;
}

bool is_one_of(std::int64_t code, std::initializer_list<std::int64_t> codes)
{
    return std::find(codes.begin(), codes.end(), code) != codes.end();
}

bool is_gone(const Problem& problem)
{
    return problem.type == "resource-not-found" || is_one_of(problem.code, {34, 50, 144});
}

bool is_duplicate(const Problem& problem)
{
    return problem.code == 187 || says(problem, "duplicate content");
}

/// The rule of February 2026 for self-serve apps, in both wordings that were seen.
bool is_reply_rule(const Problem& problem)
{
    return says(problem, "You can only reply to or quote") || says(problem, "you have not been mentioned");
}

/// The platform told us that this reply cannot be: the rule for self-serve apps, the author's settings, a parent that
/// is gone, a text too long, a person who takes no direct messages from us.
bool is_refusal_of_this_reply(const Problem& problem)
{
    constexpr std::array<std::string_view, 8> phrases{"Reply to this conversation is not allowed",
                                                      "You can only reply to or quote",
                                                      "deleted or not visible to you",
                                                      "text is too long",
                                                      "do not have permission to DM",
                                                      "you have not been mentioned",
                                                      "author of the Tweet restricted",
                                                      "not allowed to reply"};
    return is_one_of(problem.code, {433, 385, 386, 354, 186, 349, 150, 151, 93}) ||
           std::any_of(phrases.begin(), phrases.end(), [&](std::string_view phrase) { return says(problem, phrase); });
}

ChannelTrouble limited(const Answer& answer, const Problem& problem, Instant now)
{
    const Instant until =
        spent_until(answer.headers, now)
            .value_or(within_an_hour(retry_after(answer.headers, now).value_or(now + (problem.type == "usage-capped" ? 1h : 1min)), now));
    const std::string what = problem.type == "usage-capped" ? "The app's cap of reads is spent: " + in_words(problem, answer.status)
                                                            : std::string("X limits the calls of this account");
    return {State::rate_limited, what + "; tried again after " + base::to_rfc3339(until), until};
}

/// 403 has many meanings; these concern the whole channel. Ok: only the item at hand.
ChannelTrouble forbidden(const Problem& problem, Instant now)
{
    const std::string words = in_words(problem, 403);
    if (is_one_of(problem.code, {64, 326})) {
        return {State::needs_authorisation, "X has locked the account: log in on X as the account and unlock it. " + words, {}};
    }
    if (is_one_of(problem.code, {226, 185, 344}) || says(problem, "This operation is not permitted")) {
        return {State::rate_limited, "X restricts writing by this account for some time: " + words, now + 1h};
    }
    const bool set_up = problem.type == "client-forbidden" || problem.type == "unsupported-authentication" ||
                        problem.type == "oauth1-permissions" || is_one_of(problem.code, {453, 261, 220, 416, 99}) ||
                        problem.title == "SpendCapReached" || !problem.reason.empty();
    if (set_up) {
        return {State::misconfigured,
                "X refuses the app: check its access level, permissions and spend cap in the developer console, then "
                "make new "
                "tokens. " +
                    words,
                {}};
    }
    return {};
}

ChannelTrouble unauthorised(const Problem& problem)
{
    const std::string words = in_words(problem, 401);
    if (problem.code == 135) return {State::misconfigured, "X refuses our clock: set this machine's time. " + words, {}};
    if (problem.code == 32) {
        return {State::misconfigured, "X refuses the signature: check consumer key, consumer secret and both token secrets. " + words, {}};
    }
    return {State::needs_authorisation, "X refuses the token: make a new one and put it where `credentials` points. " + words, {}};
}

/// What read and send have in common; nothing when the status alone does not tell.
std::optional<ChannelTrouble> common_trouble(const Answer& answer, const Problem& problem, Instant now)
{
    if (answer.obstacle) return answer.obstacle;
    if (!answer.arrived()) {
        return ChannelTrouble{State::unavailable, "X cannot be reached: " + answer.failure + "; tried again by itself", {}};
    }
    if (answer.status >= 500) {
        const auto until = retry_after(answer.headers, now);
        ChannelTrouble trouble{
            State::unavailable, "X is out of order: " + in_words(problem, answer.status) + "; tried again by itself", {}};
        if (until) trouble.not_before = within_an_hour(*until, now);
        return trouble;
    }
    switch (answer.status) {
    case 401:
        return unauthorised(problem);
    case 402:
        return ChannelTrouble{State::misconfigured, "X wants credits: buy some in the developer console. " + in_words(problem, 402), {}};
    case 429:
        return limited(answer, problem, now);
    default:
        return std::nullopt;
    }
}

PublishOutcome outcome(Class what, std::string reason, ChannelTrouble trouble = {})
{
    PublishOutcome result;
    result.outcome = what;
    result.reason = std::move(reason);
    result.not_before = trouble.not_before;
    result.trouble = std::move(trouble);
    return result;
}

PublishOutcome classify_success(const Answer& answer, std::string_view id_member)
{
    const std::string id = id_of(member(member(answer.json(), "data"), id_member));
    if (!is_id(id)) return outcome(Class::unknown, "X accepted the call, but its answer names no id");
    PublishOutcome result = outcome(Class::published, {});
    result.platform_id = id;
    return result;
}

PublishOutcome classify_refusal(const Answer& answer, const Problem& problem, Instant now)
{
    const std::string words = in_words(problem, answer.status);
    ChannelTrouble trouble = trouble_of_send(answer, now);
    switch (answer.status) {
    case 400:
        return outcome(Class::failed, "X does not accept this reply: " + words);
    case 401:
        [[fallthrough]];
    case 429:
        return outcome(Class::not_sent_probably, trouble.reason, trouble);
    case 403:
        if (is_duplicate(problem)) {
            PublishOutcome repeated = outcome(Class::unknown, "X says that this text exists already: " + words);
            repeated.duplicate = true;
            return repeated;
        }
        if (is_reply_rule(problem)) {
            return outcome(Class::failed,
                           "X does not allow this reply: " + words +
                               "; an app may answer only who has named or quoted us: write in private, or answer by hand on X");
        }
        if (is_refusal_of_this_reply(problem)) return outcome(Class::failed, "X does not allow this reply: " + words);
        break;
    case 404:
        if (is_gone(problem)) { return outcome(Class::failed, "What was to be answered does not exist any more on X: " + words); }
        break;
    default:
        break;
    }
    return outcome(Class::unknown, "X answered in a way that does not tell whether the reply is out: " + words, trouble);
}

} // namespace

std::string in_words(const Problem& problem, int status)
{
    const std::string& words = !problem.detail.empty() ? problem.detail : problem.title;
    std::string number = std::to_string(status);
    if (problem.code != 0) number += "/" + std::to_string(problem.code);
    return words.empty() ? "status " + number : base::shorten(words, 300) + " (" + number + ")";
}

Problem problem_of(const Json& body)
{
    const Json& first = elements(member(body, "errors")).empty() ? member(body, "errors") : elements(member(body, "errors")).front();
    const auto either = [&](std::string_view name) {
        std::string text = text_of(member(body, name));
        return text.empty() ? text_of(member(first, name)) : text;
    };
    Problem problem;
    problem.type = last_segment(either("type"));
    problem.title = either("title");
    problem.detail = either("detail");
    problem.reason = either("reason");
    if (problem.detail.empty()) problem.detail = either("message");
    if (problem.detail.empty()) problem.detail = text_of(member(body, "error_description"));
    if (problem.title.empty()) problem.title = text_of(member(body, "error"));
    problem.code = integer_of(member(first, "code")).value_or(0);
    return problem;
}

std::optional<Instant> spent_until(const http::Headers& headers, Instant now)
{
    std::optional<Instant> latest;
    for (const std::string group : {"x-rate-limit", "x-app-limit-24hour", "x-user-limit-24hour"}) {
        const auto remaining = number_in(headers, group + "-remaining");
        const auto reset = number_in(headers, group + "-reset");
        if (!remaining || *remaining > 0 || !reset) continue;
        const auto until = within_an_hour(Instant(std::chrono::seconds(std::clamp<std::int64_t>(*reset, 0, 253'402'300'799))), now);
        latest = std::max(latest.value_or(until), until);
    }
    return latest;
}

ChannelTrouble trouble_of_read(const Answer& answer, Instant now)
{
    const Problem problem = problem_of(answer.json());
    if (const auto common = common_trouble(answer, problem, now)) return *common;
    if (answer.status == 403) {
        if (auto trouble = forbidden(problem, now); trouble.state != State::ok) return trouble;
    }
    if (answer.success() && !answer.body) return {State::unavailable, "X answered something that is no JSON; tried again by itself", {}};
    return {State::misconfigured, "X does not answer what was asked: " + in_words(problem, answer.status), {}};
}

ChannelTrouble trouble_of_send(const Answer& answer, Instant now)
{
    const Problem problem = problem_of(answer.json());
    if (const auto common = common_trouble(answer, problem, now)) return *common;
    if (answer.status == 403 && !is_duplicate(problem) && !is_refusal_of_this_reply(problem)) return forbidden(problem, now);
    return {};
}

PublishOutcome classify_send(const Answer& answer, std::string_view id_member, Instant now)
{
    if (!answer.arrived() && !answer.request_bytes_left) {
        const std::string reason = answer.obstacle ? answer.failure : "X cannot be reached: " + answer.failure;
        return outcome(Class::not_sent, reason, trouble_of_send(answer, now));
    }
    if (!answer.arrived()) {
        return outcome(Class::unknown, "The connection broke before X answered: " + answer.failure, trouble_of_send(answer, now));
    }
    const Problem problem = problem_of(answer.json());
    PublishOutcome result = answer.success() ? classify_success(answer, id_member)
                            : answer.status >= 500
                                ? outcome(Class::unknown, "X failed while it handled the reply: " + in_words(problem, answer.status),
                                          trouble_of_send(answer, now))
                                : classify_refusal(answer, problem, now);
    result.platform_time = date_of(answer.headers);
    return result;
}

bool says_gone(const Answer& answer)
{
    return answer.arrived() && (answer.status == 404 || answer.success()) && is_gone(problem_of(answer.json()));
}

bool says_parent_unseen(const Answer& answer)
{
    const Problem problem = problem_of(answer.json());
    return answer.status == 403 && (problem.code == 385 || says(problem, "deleted or not visible to you"));
}

ActionOutcome classify_action(const Answer& answer, std::string_view done, bool state, Instant now)
{
    const Problem problem = problem_of(answer.json());
    const std::string words = in_words(problem, answer.status);
    ChannelTrouble trouble = trouble_of_send(answer, now);
    ActionOutcome result;
    const Json& said = member(member(answer.json(), "data"), done);
    if (!answer.arrived()) {
        const bool left = answer.request_bytes_left;
        result = outcome(left ? Class::unknown : Class::not_sent,
                         (answer.obstacle ? ""
                          : left          ? "The connection broke before X answered: "
                                          : "X cannot be reached: ") +
                             answer.failure,
                         std::move(trouble));
    } else if (answer.success() && said.is_boolean() && said.get<bool>() == state) {
        result = outcome(Class::published, {});
    } else if (says_gone(answer) || answer.status == 404) {
        result = outcome(Class::failed, "It does not exist any more on X: " + words);
    } else if (answer.success() || answer.status >= 500) {
        result = outcome(Class::unknown, "X answered in a way that does not tell whether it is done: " + words, std::move(trouble));
    } else if (trouble.state != State::ok) {
        std::string reason = trouble.reason;
        result = outcome(Class::not_sent_probably, std::move(reason), std::move(trouble));
    } else {
        result = outcome(Class::failed, "X does not allow this: " + words);
    }
    result.platform_time = date_of(answer.headers);
    return result;
}

} // namespace sportello::connectors::twitter
