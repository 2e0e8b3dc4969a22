#pragma once

#include "graph_nodes.hpp"

namespace sportello::simulator {

/// `attachment` of a comment; nothing when the comment has none.
[[nodiscard]] std::optional<ordered_json> comment_attachment(const Item& item);
/// `attachments` of a post: {"data": […]}, several pictures as one album; nothing when there are none.
[[nodiscard]] std::optional<ordered_json> post_attachments(const Item& item, const std::vector<GraphField>& fields);
/// `attachments` of a message. Its paging has a `next` although nothing follows, as on the platform.
[[nodiscard]] std::optional<ordered_json> message_attachments(const GraphView& view, const Item& item);
/// `sticker` of a message, an address; empty when it is none.
[[nodiscard]] std::string message_sticker(const Item& item);
/// `shares` of a message: links.
[[nodiscard]] std::optional<ordered_json> message_shares(const Item& item);

} // namespace sportello::simulator
