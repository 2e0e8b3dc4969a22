#include "flaws.hpp"

#include <algorithm>

namespace sportello::connectors {
namespace {

bool has_shape(const Json& value, Shape shape)
{
    switch (shape) {
    case Shape::text:
        return value.is_string();
    case Shape::flag:
        return value.is_boolean();
    case Shape::object:
        return value.is_object();
    case Shape::list:
        return value.is_array();
    }
    return false;
}

/// An edge inside an object: {"data": [{…}, …]}.
bool is_edge(const Json& value, bool rows_too)
{
    const Json& rows = member(value, "data");
    if (rows.is_null()) return true;
    return rows.is_array() && (!rows_too || std::all_of(rows.begin(), rows.end(), [](const Json& row) { return row.is_object(); }));
}

} // namespace

std::string flaws_of(const Json& row, std::initializer_list<Expected> expected, std::initializer_list<std::string_view> own_members)
{
    std::string flaws;
    const auto add = [&](const std::string& flaw) { flaws += (flaws.empty() ? "" : "; ") + flaw; };
    const auto is_own = [&](std::string_view name) { return std::find(own_members.begin(), own_members.end(), name) != own_members.end(); };
    for (const auto& [name, shape] : expected) {
        const Json& value = member(row, name);
        if (value.is_null()) continue;
        if (!has_shape(value, shape)) {
            add("its " + std::string(name) + " is of type " + value.type_name());
        } else if (shape == Shape::object && !is_edge(value, !is_own(name))) {
            add("its " + std::string(name) + " hold rows that are none");
        }
    }
    if (!row.is_object()) return flaws;
    for (const auto& [name, value] : row.items()) {
        if (!is_own(name) && is_damaged(value)) add("its " + name + " hold characters that are none, or lie too deep");
    }
    return flaws;
}

} // namespace sportello::connectors
