#pragma once

#include "graph_fields.hpp"
#include "graph_wire.hpp"
#include "house.hpp"
#include "paging.hpp"

#include <functional>
#include <map>
#include <string>

namespace sportello::simulator {

/// Who calls the Graph API, from where, under which version: what answers depend on beside the data.
struct GraphView {
    House& house;
    std::string base;                  ///< "http://127.0.0.1:8090/graph/v25.0": paging links start with it
    std::string token;                 ///< paging links repeat it
    std::optional<std::size_t> page;   ///< the Page whose token it is; absent: a person's or an app's
    const GraphToken* grant = nullptr; ///< what the token is worth; null: everything
};

/// The message of the Page that answered this post or comment in private; null when there is none.
[[nodiscard]] const Item* answered_privately(const World& world, const Item& item);

using Arguments = std::map<std::string, std::string>; ///< limit, after, before, filter, order, since, until, summary …

/// Renders the node with that id. @throw GraphFailure when there is none, or the view may not see it.
[[nodiscard]] ordered_json render_node(const GraphView& view, const std::string& id, const std::vector<GraphField>& fields);

/// Renders an edge of a node: {"data": […], "paging": {…}}.
/// @param fields_text  `fields` as asked, for paging links
[[nodiscard]] ordered_json render_edge(const GraphView& view, const std::string& id, const std::string& edge, const Arguments& arguments,
                                       const std::vector<GraphField>& fields, const std::string& fields_text);

} // namespace sportello::simulator
