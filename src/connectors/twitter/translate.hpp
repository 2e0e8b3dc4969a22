#pragma once

#include "../json.hpp"
#include <sportello/connectors/connector.hpp>

#include <string>
#include <vector>

namespace sportello::connectors::twitter {

/// The account the items are read for.
struct Self {
    std::string id;
    std::string handle;
};

struct Translated {
    std::vector<domain::PlatformItem> items;
    std::vector<RejectedItem> rejected; ///< what could not be understood; the rest of the page stands
};

/// The posts of an answer (`data` an array or one post) with `includes`. Reposts are passed over: nobody wrote them. What
/// could not be read whole is there as far as it could, and among the rejected besides.
[[nodiscard]] Translated translate_posts(const Json& answer, const Self& self);
/// What the posts of an answer reply to, as far as the answer includes it: as context, unless it names our account (then
/// it is read where it stands, and opens a ticket). `unknown` are the ids of those that it does not include.
struct Parents {
    std::vector<domain::PlatformItem> items;
    std::vector<std::string> unknown;
};
[[nodiscard]] Parents translate_parents(const Json& answer, const Self& self);
/// The posts of an answer to a question for parents, in the same way.
[[nodiscard]] Parents translate_as_parents(const Json& answer, const Self& self);
/// The message events of an answer; joining and leaving is passed over.
[[nodiscard]] Translated translate_direct_messages(const Json& answer, const Self& self);

} // namespace sportello::connectors::twitter
