#include "graph_failures.hpp"

#include <algorithm>

namespace sportello::simulator {
namespace {

struct Known {
    int code;
    int subcode;
    int status;
    const char* message;
};

// Texts: recorded where a recording exists, otherwise "(#code)" and the meaning that the documentation gives.
constexpr Known known[] = {
    {1, 0, 500, "An unknown error occurred"},
    {1, 99, 400, "An unknown error occurred"},
    {1, 1357046, 400, "Message was sent, but something went wrong afterwards"},
    {2, 0, 500, "An unexpected error has occurred. Please retry your request later."},
    {3, 0, 400, "(#3) Application does not have the capability to make this API call."},
    {4, 0, 403, "(#4) Application request limit reached"},
    {10, 0, 403, "(#10) Application does not have permission for this action"},
    {10, 2018065, 400, "(#10) This application does not have the permission to send messages"},
    {10, 2018108, 400, "(#10) This person can not receive messages"},
    {10, 2018278, 400,
     "(#10) This message is sent outside of allowed window. Learn more about the new policy here: "
     "https://developers.facebook.com/docs/messenger-platform/policy-overview"},
    {10, 1893063, 400, "(#10) This Page is restricted"},
    {12, 0, 400, "(#12) singular statuses API is deprecated for versions v2.4 and higher"},
    {17, 0, 400, "(#17) User request limit reached"},
    {32, 0, 400, "(#32) Page request limit reached"},
    {100, 2018001, 400, "(#100) No matching user found"},
    {100, 2018008, 400, "(#100) Failed to fetch the file from the url"},
    {100, 2018047, 400, "(#100) Upload attachment failure."},
    {100, 2018074, 400, "(#100) Invalid attachment"},
    {100, 2018109, 400, "(#100) Attachment size exceeds allowable limit"},
    {100, 2018292, 400, "(#100) Invalid comment_id parameter"},
    {101, 0, 400, "Error validating application. Cannot get application info due to a system error."},
    {102, 0, 400, "Session key invalid or no longer valid"},
    {104, 0, 400, "Invalid appsecret_proof provided in the API argument"},
    {190, 0, 400,
     "Any of the pages_read_engagement, pages_manage_metadata, pages_read_user_content, pages_manage_ads, pages_show_list or "
     "pages_messaging permission(s) must be granted before impersonating a user's page."},
    {190, 458, 400, "Error validating access token: User 1000000000110866 has not authorized application 100000000000001."},
    {190, 459, 400,
     "Error validating access token: You cannot access the app till you log in to www.facebook.com and follow the instructions given."},
    {190, 460, 400,
     "Error validating access token: The session has been invalidated because the user changed their password or Facebook has "
     "changed the session for security reasons."},
    {190, 463, 400,
     "Error validating access token: Session has expired on Tuesday, 21-Jul-26 10:00:00 PDT. The current time is Tuesday, "
     "21-Jul-26 10:05:00 PDT."},
    {190, 464, 400, "Error validating access token: Sessions for the user are not allowed because the user is not a confirmed user."},
    {190, 467, 400, "Error validating access token: This is because the user logged out or may be due to a password change."},
    {190, 492, 400, "Error validating access token: The user must be an administrator, editor, or moderator of the page"},
    {200, 0, 403, "(#200) Permissions error"},
    {200, 1545041, 400, "(#200) This person isn't available right now."},
    {200, 2018028, 400, "(#200) Cannot message users who are not admins, developers or testers of the app until it is live"},
    {230, 0, 400, "(#230) Requires pages_messaging permission to manage the object"},
    {341, 0, 400, "(#341) Application limit reached"},
    {368, 0, 400, "(#368) The action attempted has been deemed abusive or is otherwise disallowed"},
    {506, 0, 400, "(#506) Duplicate status message"},
    {551, 1545041, 400, "(#551) This person isn't available right now."},
    {613, 0, 400, "(#613) Calls to this api have exceeded the rate limit."},
    {1200, 0, 400, "(#1200) Temporary send message failure. Please try again later."},
    {1705, 0, 400, "(#1705) There was an error posting to this wall"},
    {2022, 0, 400, "(#2022) Some message(s) did not go through"},
    {10900, 0, 400, "(#10900) Activity already replied to"},
    {10902, 0, 400, "(#10902) The comment cannot be replied to privately"},
    {10903, 0, 400, "(#10903) This user cant reply to this activity"},
    {80001, 0, 400,
     "(#80001) There have been too many calls to this Page account. Wait a bit and try again. For more info, please refer to "
     "https://developers.facebook.com/docs/graph-api/overview/rate-limiting."},
    {80006, 0, 400, "(#80006) There have been too many messages from this Page account. Wait a bit and try again."},
    {1609005, 0, 400, "(#1609005) There was a problem scraping data from the provided link."},
    {2018300, 0, 400, "(#2018300) Another app is controlling this thread now."},
    {9000001, 0, 400, "(#9000001) The message has been deleted or is too old"},
};

} // namespace

GraphFailure graph_failure(int code, int subcode)
{
    const bool passing = code == 1 || code == 2 || code == 4 || code == 1200;
    const auto* found =
        std::find_if(std::begin(known), std::end(known), [&](const Known& one) { return one.code == code && one.subcode == subcode; });
    if (found == std::end(known))
        return {400, code, "(#" + std::to_string(code) + ") Invalid parameter", subcode, "OAuthException", passing};
    return {found->status, code, found->message, subcode, code == 104 ? "GraphMethodException" : "OAuthException", passing};
}

bool lacks(const GraphView& view, std::string_view permission)
{
    const std::string one(permission);
    if (view.grant && !view.grant->scopes.contains(one)) return true;
    return view.page && view.house.world.accounts().at(*view.page).withheld.contains(one);
}

void require(const GraphView& view, std::initializer_list<std::string_view> permissions, const GraphFailure& failure)
{
    if (std::ranges::any_of(permissions, [&](std::string_view one) { return lacks(view, one); })) throw failure;
}

} // namespace sportello::simulator
