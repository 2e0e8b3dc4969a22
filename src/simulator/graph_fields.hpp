#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace sportello::simulator {

/// One entry of Graph's `fields`: name, modifiers such as .limit(25), and the fields of what it leads to.
struct GraphField {
    std::string name;
    std::string alias; ///< .as(x)
    std::map<std::string, std::string> arguments;
    std::vector<GraphField> fields;
    std::string fields_text; ///< `fields` as written, for paging links

    [[nodiscard]] const std::string& shown_as() const { return alias.empty() ? name : alias; }
};

/// Parses `id,message,comments.limit(25).filter(stream){id,from}`. Text that makes no sense ends the parse: what was
/// understood up to there counts, as on the platform.
[[nodiscard]] std::vector<GraphField> parse_graph_fields(std::string_view text);

} // namespace sportello::simulator
