#pragma once

#include "context.hpp"

#include <sportello/engine/reports.hpp>

#include <string>
#include <string_view>

namespace sportello::api {

/// `{from, to, group_by, items: [{group: {...}, FIGURE: ...}], next_cursor}`
[[nodiscard]] std::string report_json(const engine::ReportQuestion& question, const engine::ReportTable& table);
/// A line of names, then one a group; an agent has a column for the name as well.
[[nodiscard]] std::string report_csv(const engine::ReportTable& table);

/// The same by key, as ratings are told: `{key, group, asked, scores, given, average}`.
[[nodiscard]] std::string rating_report_json(const engine::ReportQuestion& question, const engine::ReportTable& table);

/// The same as promises are told: each item with the brand.
[[nodiscard]] std::string promise_report_json(const engine::ReportQuestion& question, const engine::ReportTable& table);

/// Answers a report from its query, if the caller may see it.
/// @param name         of the file when CSV is asked for
/// @param usual_group  the grouping without one in the query
[[nodiscard]] boost::asio::awaitable<Answer> answer_report(Context& context, Call& call, engine::ReportKind kind, std::string_view name,
                                                           std::string_view usual_group);

} // namespace sportello::api
