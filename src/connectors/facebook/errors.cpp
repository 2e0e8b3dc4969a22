#include "errors.hpp"

#include <sportello/base/text.hpp>

#include <algorithm>

namespace sportello::connectors::facebook {
namespace {

using State = ChannelTrouble::State;
using Class = PublishOutcome::Class;
using namespace std::chrono_literals;

bool is_one_of(std::int64_t code, std::initializer_list<std::int64_t> codes)
{
    return std::find(codes.begin(), codes.end(), code) != codes.end();
}

bool says(const GraphError& error, std::string_view words)
{
    return error.message.find(words) != std::string::npos;
}

bool is_limit(const GraphError& error)
{
    return is_one_of(error.code, {4, 17, 32, 341, 613, 80001, 80006});
}

std::string in_words(const GraphError& error, int status)
{
    if (error.code == 0 && error.message.empty()) return "status " + std::to_string(status);
    std::string number = std::to_string(error.code);
    if (error.subcode != 0) number += "/" + std::to_string(error.subcode);
    std::string words = base::shorten(error.message, 300) + " (" + number + ")";
    if (!error.trace.empty()) words += ", trace " + error.trace;
    return words;
}

ChannelTrouble limited(const Answer& answer, Instant now)
{
    const Instant until =
        within_an_hour(retry_after(answer.headers, now).value_or(access_regained_at(answer.headers, now).value_or(now + 5min)), now);
    return {State::rate_limited, "Facebook limits the calls of this Page; tried again after " + base::to_rfc3339(until), until};
}

/// What the code says about the whole channel; nothing when it says nothing of the kind.
std::optional<ChannelTrouble> trouble_of_code(const Answer& answer, const GraphError& error, Instant now)
{
    const std::string words = in_words(error, answer.status);
    const auto log_in = [&](const char* what) { return ChannelTrouble{State::needs_authorisation, std::string(what) + ". " + words, {}}; };
    if (is_limit(error) || answer.status == 429) return limited(answer, now);
    if (error.code == 368) {
        return ChannelTrouble{State::rate_limited,
                              "Facebook has blocked this Page's writing for some time: see the Page's support inbox. " + words, now + 1h};
    }
    if (error.code == 190 || error.code == 102 || answer.status == 401 || (error.code == 2500 && says(error, "access token"))) {
        return log_in("Facebook refuses the token: make a new Page token and put it where `credentials` points");
    }
    if (error.code == 104 || says(error, "appsecret_proof")) {
        return ChannelTrouble{State::misconfigured, "Facebook refuses the proof: set the app secret of the token's own app. " + words, {}};
    }
    if (error.code == 230 || (error.code == 1 && error.subcode == 99)) {
        return log_in("The token lacks a permission: authorise the app again with all permissions");
    }
    return std::nullopt;
}

bool is_permission(const GraphError& error)
{
    return error.code == 3 || error.code == 10 || (error.code >= 200 && error.code <= 299);
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
    const std::string id = id_of(member(answer.json(), id_member));
    const bool well_formed = id_member == "id" ? !id.empty() && id.find_first_not_of("0123456789_") == std::string::npos : !id.empty();
    if (!well_formed) return outcome(Class::unknown, "Facebook accepted the call, but its answer names no id");
    PublishOutcome result = outcome(Class::published, {});
    result.platform_id = id;
    result.platform_time = instant_of(member(answer.json(), "created_time"));
    return result;
}

PublishOutcome classify_refusal(const Answer& answer, Instant now)
{
    const GraphError error = error_of(answer.json());
    const std::string words = in_words(error, answer.status);
    ChannelTrouble trouble = trouble_of_send(answer, now);
    if (is_one_of(error.code, {4, 17, 32, 341, 613, 368, 190, 102}) || answer.status == 401) {
        return outcome(Class::not_sent_probably, trouble.reason, trouble);
    }
    if (error.code == 506) return outcome(Class::unknown, "Facebook says that this text exists already: " + words);
    if (error.code == 100) return outcome(Class::failed, "Facebook does not accept this reply: " + words, trouble);
    return outcome(Class::unknown, "Facebook answered in a way that does not tell whether the reply is out: " + words, trouble);
}

/// Calls `visit` with each of the three headers' objects that hold percentages.
template <class Visit> void for_each_usage(const http::Headers& headers, Visit visit)
{
    for (const std::string_view name : {"X-App-Usage", "X-Page-Usage", "X-Business-Use-Case-Usage"}) {
        const auto text = headers.find(name);
        const auto value = text ? parse_json(*text) : std::nullopt;
        if (!value || !value->is_object()) continue;
        visit(*value);
        for (const Json& business : *value) {
            for (const Json& bucket : elements(business)) visit(bucket);
        }
    }
}

} // namespace

GraphError error_of(const Json& body)
{
    const Json& error = member(body, "error");
    GraphError result;
    result.code = integer_of(member(error, "code")).value_or(0);
    result.subcode = integer_of(member(error, "error_subcode")).value_or(0);
    result.message = text_of(member(error, "message"));
    result.trace = text_of(member(error, "fbtrace_id"));
    return result;
}

bool is_gone(const GraphError& error)
{
    return error.code == 100 && (error.subcode == 33 || says(error, "does not exist"));
}

bool asks_for_less(const GraphError& error)
{
    return error.code == 1 && says(error, "reduce the amount of data");
}

bool concerns_one_object(const GraphError& error)
{
    return is_gone(error) || error.code == 9000001 || (error.code == 100 && says(error, "After Cursor"));
}

ChannelTrouble trouble_of_read(const Answer& answer, Instant now)
{
    if (!answer.arrived()) return {State::unavailable, "Facebook cannot be reached: " + answer.failure + "; tried again by itself", {}};
    const GraphError error = error_of(answer.json());
    if (const auto trouble = trouble_of_code(answer, error, now)) return *trouble;
    const std::string words = in_words(error, answer.status);
    if (is_permission(error)) {
        return {State::misconfigured, "The app may not read this: check its permissions and the person's tasks on the Page. " + words, {}};
    }
    if (is_one_of(error.code, {12, 100, 2500}) || (error.code == 0 && answer.status >= 400 && answer.status < 500)) {
        return {State::misconfigured, "Facebook does not answer what was asked: " + words, {}};
    }
    ChannelTrouble trouble{State::unavailable, "Facebook is out of order: " + words + "; tried again by itself", {}};
    if (const auto until = retry_after(answer.headers, now)) trouble.not_before = within_an_hour(*until, now);
    return trouble;
}

ChannelTrouble trouble_of_send(const Answer& answer, Instant now)
{
    if (!answer.arrived() || answer.status >= 500) return trouble_of_read(answer, now);
    return trouble_of_code(answer, error_of(answer.json()), now).value_or(ChannelTrouble{});
}

PublishOutcome classify_send(const Answer& answer, std::string_view id_member, Instant now)
{
    if (!answer.arrived() && !answer.request_bytes_left) {
        return outcome(Class::not_sent, "Facebook cannot be reached: " + answer.failure, trouble_of_send(answer, now));
    }
    if (!answer.arrived()) {
        return outcome(Class::unknown, "The connection broke before Facebook answered: " + answer.failure, trouble_of_send(answer, now));
    }
    PublishOutcome result =
        answer.status >= 500
            ? outcome(Class::unknown, "Facebook failed while it handled the reply: " + in_words(error_of(answer.json()), answer.status),
                      trouble_of_send(answer, now))
        : answer.success() ? classify_success(answer, id_member)
                           : classify_refusal(answer, now);
    if (!result.platform_time) result.platform_time = date_of(answer.headers);
    return result;
}

std::int64_t usage_percent(const http::Headers& headers)
{
    std::int64_t highest = 0;
    for_each_usage(headers, [&](const Json& usage) {
        for (const std::string_view name : {"call_count", "total_time", "total_cputime"}) {
            highest = std::max(highest, integer_of(member(usage, name)).value_or(0));
        }
    });
    return highest;
}

std::optional<Instant> access_regained_at(const http::Headers& headers, Instant now)
{
    std::int64_t minutes = 0;
    for_each_usage(headers, [&](const Json& usage) {
        minutes = std::max(minutes, integer_of(member(usage, "estimated_time_to_regain_access")).value_or(0));
    });
    if (minutes <= 0) return std::nullopt;
    return within_an_hour(now + std::chrono::minutes(std::min<std::int64_t>(minutes, 60)), now);
}

} // namespace sportello::connectors::facebook
