#include "errors.hpp"

#include <sportello/base/text.hpp>

#include <algorithm>

namespace sportello::connectors::facebook {
namespace {

using State = ChannelTrouble::State;
using Class = PublishOutcome::Class;
using namespace std::chrono_literals;

constexpr std::int64_t any = -1;

/// What a code of the Graph API means: for a send, for the channel, and in words.
struct Meaning {
    std::int64_t code;
    std::int64_t subcode; ///< any: whatever stands there
    Class send;
    State channel; ///< ok: only the one call is concerned
    std::string_view words;
};

constexpr std::string_view limited_words = "Facebook limits the calls of this Page";
constexpr std::string_view token_words = "Facebook refuses the token: make a new Page token and put it where `credentials` points";
constexpr std::string_view permission_words = "The token lacks a permission: authorise the app again with all permissions";
constexpr std::string_view may_not_words = "The app may not do this: check its permissions and the person's tasks on the Page";
constexpr std::string_view window_words = "Messenger's time for an answer is over: the person has to write again first";
constexpr std::string_view person_words = "The person cannot be reached on Messenger: blocked the Page, left, or never wrote to it";

/// The first line that fits counts. A code without a line says nothing that can be relied on: a send is then unknown.
constexpr Meaning meanings[] = {
    {1, 99, Class::unknown, State::needs_authorisation, permission_words},
    {3, any, Class::failed, State::misconfigured, "The app lacks a feature that this needs: see the app's review with Facebook"},
    {4, any, Class::not_sent_probably, State::rate_limited, "Facebook limits the calls of the app"},
    {10, 2018065, Class::failed, State::misconfigured, "The app may not send messages for this Page: check its Messenger permission"},
    {10, 2018108, Class::failed, State::ok, "This person cannot receive messages now"},
    {10, 2018278, Class::failed, State::ok, window_words},
    {10, 2534022, Class::failed, State::ok, window_words},
    {10, 1893063, Class::failed, State::misconfigured, "Facebook has restricted this Page: see the Page's support inbox"},
    {10, any, Class::failed, State::misconfigured, may_not_words},
    {12, any, Class::failed, State::misconfigured, "Facebook no longer answers this kind of call"},
    {17, any, Class::not_sent_probably, State::rate_limited, limited_words},
    {32, any, Class::not_sent_probably, State::rate_limited, limited_words},
    {100, 33, Class::failed, State::ok, "What is answered does not exist any more, or the Page may not see it"},
    {100, 2018001, Class::failed, State::ok, "This person is not known to the Page"},
    {100, 2018008, Class::failed, State::ok, "Facebook could not fetch the attachment"},
    {100, 2018047, Class::failed, State::ok, "Facebook could not take the attachment"},
    {100, 2018074, Class::failed, State::ok, "Facebook does not accept this attachment"},
    {100, 2018109, Class::failed, State::ok, "The attachment is too large for Messenger"},
    {100, 2018292, Class::failed, State::ok, "This comment cannot be answered in private"},
    {100, 2018294, Class::failed, State::ok, "Facebook does not accept this kind of attachment"},
    {102, any, Class::not_sent_probably, State::needs_authorisation, token_words},
    {104, any, Class::failed, State::misconfigured, "Facebook refuses the proof: set the app secret of the token's own app"},
    {190, 458, Class::not_sent_probably, State::needs_authorisation,
     "The app was removed from the Page's settings: authorise it again and make a new Page token"},
    {190, 459, Class::not_sent_probably, State::needs_authorisation,
     "Facebook wants the person behind the token to log in and confirm something first"},
    {190, 460, Class::not_sent_probably, State::needs_authorisation,
     "The person behind the token changed the password: make a new Page token and put it where `credentials` points"},
    {190, 463, Class::not_sent_probably, State::needs_authorisation,
     "The token has expired: make a new Page token and put it where `credentials` points"},
    {190, 464, Class::not_sent_probably, State::needs_authorisation, "The person behind the token has not confirmed the account yet"},
    {190, 492, Class::not_sent_probably, State::needs_authorisation,
     "The person behind the token has lost the role on the Page: make the token as another person"},
    {190, any, Class::not_sent_probably, State::needs_authorisation, token_words},
    {200, 1545041, Class::failed, State::ok, person_words},
    {200, 2018028, Class::failed, State::misconfigured, "The app is not live yet: only people with a role in it can be answered"},
    {230, any, Class::not_sent_probably, State::needs_authorisation, permission_words},
    {341, any, Class::not_sent_probably, State::rate_limited, "Facebook limits the calls of the app"},
    {368, any, Class::not_sent_probably, State::rate_limited,
     "Facebook has blocked this Page's writing for some time: see the Page's support inbox"},
    {506, any, Class::unknown, State::ok, "Facebook says that this text exists already"},
    {551, any, Class::failed, State::ok, person_words},
    {613, 2018338, Class::failed, State::ok, "Facebook no longer accepts messages outside the 24 hours from this Page"},
    {613, any, Class::not_sent_probably, State::rate_limited, limited_words},
    {1705, any, Class::failed, State::misconfigured, "The token cannot act as the Page: use the Page's own token"},
    {2022, any, Class::failed, State::ok, "Messenger did not take the message"},
    {10900, any, Class::failed, State::ok, "This comment was answered in private already; Facebook allows it once"},
    {10902, any, Class::failed, State::ok, "This comment cannot be answered in private: seven days have passed, or it is of another kind"},
    {10903, any, Class::failed, State::ok, person_words},
    {80001, any, Class::not_sent_probably, State::rate_limited, limited_words},
    {80006, any, Class::not_sent_probably, State::rate_limited, "Facebook limits the messages of this Page"},
    {1609005, any, Class::failed, State::ok, "Facebook could not fetch the link"},
    {2018300, any, Class::failed, State::ok, "Another app has taken over this conversation"},
    {9000001, any, Class::failed, State::ok, "The message was deleted, or is too old"},
};

const Meaning* listed(const GraphError& error)
{
    const auto* const found = std::find_if(std::begin(meanings), std::end(meanings), [&](const Meaning& one) {
        return one.code == error.code && (one.subcode == any || one.subcode == error.subcode);
    });
    return found == std::end(meanings) ? nullptr : found;
}

bool says(const GraphError& error, std::string_view words)
{
    return error.message.find(words) != std::string::npos;
}

/// With the codes whose meaning hangs on what else the error says; nothing for a code that is not known.
std::optional<Meaning> meaning_of(const GraphError& error, int status)
{
    if (says(error, "appsecret_proof")) {
        return Meaning{error.code, any, Class::failed, State::misconfigured,
                       "Facebook wants a proof: set the app secret of the token's own app"};
    }
    if (error.code == 190 && says(error, "must be granted before impersonating")) {
        return Meaning{190, any, Class::not_sent_probably, State::needs_authorisation, permission_words};
    }
    if (error.code == 2500 && says(error, "access token")) {
        return Meaning{2500, any, Class::not_sent_probably, State::needs_authorisation, token_words};
    }
    if (const Meaning* known = listed(error)) return *known;
    if (error.code >= 200 && error.code <= 299) return Meaning{error.code, any, Class::failed, State::misconfigured, may_not_words};
    if (status == 429) return Meaning{error.code, any, Class::not_sent_probably, State::rate_limited, limited_words};
    if (status == 401) return Meaning{error.code, any, Class::not_sent_probably, State::needs_authorisation, token_words};
    return std::nullopt;
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

/// What the code says about the whole channel; ok when it says nothing of the kind.
ChannelTrouble trouble_of(const Meaning& meaning, const Answer& answer, const GraphError& error, Instant now)
{
    if (answer.obstacle) return *answer.obstacle;
    ChannelTrouble trouble;
    trouble.state = meaning.channel;
    if (meaning.channel == State::ok) return trouble;
    trouble.reason = std::string(meaning.words) + ". " + in_words(error, answer.status);
    if (meaning.channel != State::rate_limited) return trouble;
    if (error.code == 368) {
        trouble.not_before = now + 1h;
    } else {
        const auto wanted = retry_after(answer.headers, now).value_or(access_regained_at(answer.headers, "", now).value_or(now + 5min));
        trouble.not_before = within_an_hour(wanted, now);
        trouble.reason = std::string(meaning.words) + "; tried again after " + base::to_rfc3339(*trouble.not_before);
    }
    return trouble;
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
    const bool well_formed =
        id_member != "message_id" ? !id.empty() && id.find_first_not_of("0123456789_") == std::string::npos : !id.empty();
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
    if (const auto meaning = meaning_of(error, answer.status)) {
        ChannelTrouble trouble = trouble_of(*meaning, answer, error, now);
        std::string reason = trouble.reason.empty() ? std::string(meaning->words) + ": " + words : trouble.reason;
        return outcome(meaning->send, std::move(reason), std::move(trouble));
    }
    if (error.code == 100 || error.code == 2500) return outcome(Class::failed, "Facebook does not accept this: " + words);
    return outcome(Class::unknown, "Facebook answered in a way that does not tell whether it was done: " + words);
}

template <class Success> PublishOutcome classify(const Answer& answer, Instant now, Success classify_as_success)
{
    if (!answer.arrived() && !answer.request_bytes_left) {
        const std::string reason = answer.obstacle ? answer.failure : "Facebook cannot be reached: " + answer.failure;
        return outcome(Class::not_sent, reason, trouble_of_read(answer, now));
    }
    if (!answer.arrived()) {
        return outcome(Class::unknown, "The connection broke before Facebook answered: " + answer.failure, trouble_of_read(answer, now));
    }
    PublishOutcome result =
        answer.status >= 500
            ? outcome(Class::unknown, "Facebook failed while it handled this: " + in_words(error_of(answer.json()), answer.status),
                      trouble_of_read(answer, now))
        : answer.success() && error_of(answer.json()).code == 0 ? classify_as_success()
                                                                : classify_refusal(answer, now);
    if (!result.platform_time) result.platform_time = date_of(answer.headers);
    return result;
}

/// Calls `visit` with each object of the header that holds percentages.
/// @param page  of the business header only the entries of this Page, if there are any
template <class Visit> void for_each_usage(const http::Headers& headers, std::string_view name, std::string_view page, Visit visit)
{
    const auto text = headers.find(name);
    const auto value = text ? parse_json(*text) : std::nullopt;
    if (!value || !value->is_object()) return;
    visit(*value);
    const Json& own = member(*value, page);
    if (own.is_array()) {
        for (const Json& bucket : own) visit(bucket);
        return;
    }
    for (const Json& business : *value) {
        for (const Json& bucket : elements(business)) visit(bucket);
    }
}

std::int64_t percent_of(const http::Headers& headers, std::initializer_list<std::string_view> names, std::string_view page)
{
    std::int64_t highest = 0;
    for (const auto name : names) {
        for_each_usage(headers, name, page, [&](const Json& usage) {
            for (const std::string_view what : {"call_count", "total_time", "total_cputime"}) {
                highest = std::max(highest, integer_of(member(usage, what)).value_or(0));
            }
        });
    }
    return highest;
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

bool is_limit_of_app(const GraphError& error)
{
    return error.code == 4 || error.code == 341;
}

ChannelTrouble trouble_of_read(const Answer& answer, Instant now)
{
    if (answer.obstacle) return *answer.obstacle;
    if (!answer.arrived()) return {State::unavailable, "Facebook cannot be reached: " + answer.failure + "; tried again by itself", {}};
    const GraphError error = error_of(answer.json());
    if (const auto meaning = meaning_of(error, answer.status); meaning && meaning->channel != State::ok) {
        return trouble_of(*meaning, answer, error, now);
    }
    const std::string words = in_words(error, answer.status);
    if (error.code == 100 || error.code == 2500 || (error.code == 0 && answer.status >= 400 && answer.status < 500)) {
        return {State::misconfigured, "Facebook does not answer what was asked: " + words, {}};
    }
    ChannelTrouble trouble{State::unavailable, "Facebook is out of order: " + words + "; tried again by itself", {}};
    if (const auto until = retry_after(answer.headers, now)) trouble.not_before = within_an_hour(*until, now);
    return trouble;
}

PublishOutcome classify_send(const Answer& answer, std::string_view id_member, Instant now)
{
    PublishOutcome outcome = classify(answer, now, [&] { return classify_success(answer, id_member); });
    outcome.duplicate = outcome.outcome == Class::unknown && answer.arrived() && error_of(answer.json()).code == 506;
    return outcome;
}

ActionOutcome classify_action(const Answer& answer, Instant now)
{
    return classify(answer, now, [&] {
        // Old forms of the answer are a bare true, or the word as a text.
        const Json& said = answer.json().is_object() ? member(answer.json(), "success") : answer.json();
        if (said == true || said == "true") return outcome(Class::published, {});
        if (said == false || said == "false") return outcome(Class::failed, "Facebook did not do it, and does not say why");
        return outcome(Class::unknown, "Facebook accepted the call, but does not say whether it was done");
    });
}

std::int64_t page_usage_percent(const http::Headers& headers, std::string_view page)
{
    return percent_of(headers, {"X-Page-Usage", "X-Business-Use-Case-Usage"}, page);
}

std::int64_t app_usage_percent(const http::Headers& headers)
{
    return percent_of(headers, {"X-App-Usage"}, "");
}

std::optional<Instant> access_regained_at(const http::Headers& headers, std::string_view page, Instant now)
{
    std::int64_t minutes = 0;
    for_each_usage(headers, "X-Business-Use-Case-Usage", page, [&](const Json& usage) {
        minutes = std::max(minutes, integer_of(member(usage, "estimated_time_to_regain_access")).value_or(0));
    });
    if (minutes <= 0) return std::nullopt;
    return within_an_hour(now + std::chrono::minutes(std::min<std::int64_t>(minutes, 60)), now);
}

} // namespace sportello::connectors::facebook
