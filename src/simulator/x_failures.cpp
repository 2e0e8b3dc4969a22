#include "x_failures.hpp"

#include "x_wire.hpp"

#include <algorithm>
#include <iterator>

namespace sportello::simulator {
namespace {

struct Known {
    int code;
    int status;
    const char* message;
};

// Texts: recorded where a recording exists, otherwise what the documentation of version 1.1 said.
constexpr Known known[] = {
    {32, 401, "Could not authenticate you."},
    {34, 404, "Sorry, that page does not exist."},
    {50, 404, "User not found."},
    {63, 403, "User has been suspended."},
    {64, 403, "Your account is suspended and is not permitted to access this feature."},
    {88, 429, "Rate limit exceeded"},
    {89, 401, "Invalid or expired token."},
    {93, 403, "This application is not allowed to access or delete your direct messages."},
    {99, 403, "Unable to verify your credentials"},
    {130, 503, "Over capacity"},
    {131, 500, "Internal error"},
    {135, 401, "Timestamp out of bounds."},
    {144, 404, "No status found with that ID."},
    {150, 403, "You cannot send messages to users who are not following you."},
    {151, 403, "There was an error sending your message."},
    {179, 403, "Sorry, you are not authorized to see this status."},
    {185, 403, "User is over daily status update limit."},
    {186, 403, "Tweet needs to be a bit shorter."},
    {187, 403, "Status is a duplicate."},
    {215, 401, "Bad Authentication data."},
    {220, 403, "Your credentials do not allow access to this resource."},
    {226, 403,
     "This request looks like it might be automated. To protect our users from spam and other malicious activity, we can't complete this "
     "action right now. Please try again later."},
    {261, 403, "Application cannot perform write actions."},
    {326, 403,
     "To protect our users from spam and other malicious activity, this account is temporarily locked. Please log in to "
     "https://twitter.com to unlock your account."},
    {344, 403, "You have reached your daily limit for sending messages."},
    {349, 403, "You cannot send messages to this user."},
    {354, 403, "The text of your direct message is over the max character limit."},
    {385, 403, "You attempted to reply to a Tweet that is deleted or not visible to you."},
    {386, 403, "The Tweet exceeds the number of allowed attachment types."},
    {416, 403, "Invalid / suspended application"},
    {433, 403, "The original Tweet author restricted who can reply to this Tweet."},
    {453, 403, "You currently have access to a subset of X API V2 endpoints and limited v1.1 endpoints (e.g. media post, oauth) only."},
};

} // namespace

std::optional<http::Response> x_failure_of(int code)
{
    switch (code) {
    case 402:
        return x_answer(402, x_problem(402, "CreditsDepleted",
                                       "Your enrolled account [1000000000000000001] does not have any credits to fulfill this request.",
                                       "credits")
                                 .body);
    case 403: {
        auto failure =
            x_problem(403, "Client Forbidden",
                      "When authenticating requests to the Twitter API v2 endpoints, you must use keys and tokens from a Twitter "
                      "developer App that is attached to a Project.",
                      "client-forbidden");
        failure.body["reason"] = "client-not-enrolled";
        failure.body["client_id"] = "10000001";
        return x_answer(403, failure.body);
    }
    case 429: {
        auto failure = x_problem(429, "UsageCapExceeded", "Usage cap exceeded: Monthly product cap", "usage-capped");
        failure.body["period"] = "Monthly";
        failure.body["scope"] = "Product";
        return x_answer(429, failure.body);
    }
    case 503:
        return http::Response::text(503, "upstream connect error or disconnect/reset before headers");
    default:
        break;
    }
    const auto found = std::ranges::find(known, code, &Known::code);
    if (found == std::end(known)) return std::nullopt;
    ordered_json error{{"code", code}, {"message", found->message}};
    return x_answer(found->status, {{"errors", ordered_json::array({error})}});
}

} // namespace sportello::simulator
