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

/// The posts of an answer (`data` an array or one post) with `includes`. Reposts are passed over: nobody wrote them.
[[nodiscard]] Translated translate_posts(const Json& answer, const Self& self);
/// The message events of an answer; joining and leaving is passed over.
[[nodiscard]] Translated translate_direct_messages(const Json& answer, const Self& self);

} // namespace sportello::connectors::twitter
