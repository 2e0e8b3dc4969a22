#include "reports_json.hpp"

#include "json_writer.hpp"

#include <sportello/domain/csv.hpp>

#include <algorithm>
#include <array>
#include <charconv>

namespace sportello::api {
namespace {

using domain::ReportDimension;
using engine::ReportFigure;
using engine::ReportTable;

std::string_view name_of(const ReportTable& table, const std::string& id)
{
    const auto known = table.agent_names.find(id);
    return known == table.agent_names.end() ? std::string_view() : std::string_view(known->second);
}

void write_figure(JsonWriter& json, const ReportFigure& figure)
{
    if (const auto* whole = std::get_if<std::int64_t>(&figure)) json.value(*whole);
    else if (const auto* number = std::get_if<double>(&figure)) json.value(*number);
    else json.value(nullptr);
}

std::string cell(const ReportFigure& figure)
{
    if (const auto* whole = std::get_if<std::int64_t>(&figure)) return std::to_string(*whole);
    const auto* number = std::get_if<double>(&figure);
    if (number == nullptr) return {};
    std::array<char, 40> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), *number, std::chars_format::fixed, 3).ptr;
    return {digits.data(), end};
}

void write_end(JsonWriter& json, std::string_view name, const engine::ReportEnd& end)
{
    if (const auto* at = std::get_if<base::Instant>(&end)) json.member(name, *at);
    else json.member(name, domain::to_string(std::get<std::chrono::year_month_day>(end)));
}

void write_group(JsonWriter& json, const ReportTable& table, const ReportTable::Row& row)
{
    json.key("group").open_object();
    for (std::size_t i = 0; i < table.dimensions.size(); ++i) {
        json.text_or_null(domain::to_string(table.dimensions[i]), row.keys[i]);
        if (table.dimensions[i] == ReportDimension::agent) json.text_or_null("agent_name", name_of(table, row.keys[i]));
    }
    json.close_object();
}

void open_report(JsonWriter& json, const engine::ReportQuestion& question, const ReportTable& table)
{
    json.open_object();
    write_end(json, "from", question.from);
    write_end(json, "to", question.until);
    json.key("group_by").open_array();
    for (const auto dimension : table.dimensions) json.value(domain::to_string(dimension));
    json.close_array().key("items").open_array();
}

} // namespace

std::string rating_report_json(const engine::ReportQuestion& question, const ReportTable& table)
{
    std::string body;
    JsonWriter json(body);
    open_report(json, question, table);
    for (const ReportTable::Row& row : table.rows) {
        std::string key;
        for (const std::string& part : row.keys) key += (key.empty() ? "" : ", ") + part;
        json.open_object().member("key", key);
        write_group(json, table, row);
        json.key("asked");
        write_figure(json, row.figures[0]);
        json.key("scores").open_array();
        for (std::size_t i = 2; i < 7; ++i) write_figure(json, row.figures[i]);
        json.close_array().key("given");
        write_figure(json, row.figures[1]);
        json.key("average");
        write_figure(json, row.figures[7]);
        json.close_object();
    }
    json.close_array().member("next_cursor", nullptr).close_object();
    return body;
}

std::string promise_report_json(const engine::ReportQuestion& question, const ReportTable& table)
{
    std::string body;
    JsonWriter json(body);
    open_report(json, question, table);
    const auto brand = std::ranges::find(table.dimensions, ReportDimension::brand);
    const auto place = static_cast<std::size_t>(brand - table.dimensions.begin());
    for (const ReportTable::Row& row : table.rows) {
        json.open_object().member("brand", brand == table.dimensions.end() ? std::string() : row.keys[place]);
        write_group(json, table, row);
        for (std::size_t i = 0; i < table.figures.size(); ++i) {
            json.key(table.figures[i]);
            write_figure(json, row.figures[i]);
        }
        json.key("last").raw(R"({"settled":0,"kept":0,"kept_rate":null})").member("shadow", nullptr).close_object();
    }
    json.close_array().member("next_cursor", nullptr).close_object();
    return body;
}

std::string report_json(const engine::ReportQuestion& question, const ReportTable& table)
{
    std::string body;
    JsonWriter json(body);
    open_report(json, question, table);
    for (const ReportTable::Row& row : table.rows) {
        json.open_object();
        write_group(json, table, row);
        for (std::size_t i = 0; i < table.figures.size(); ++i) {
            json.key(table.figures[i]);
            write_figure(json, row.figures[i]);
        }
        json.close_object();
    }
    json.close_array().member("next_cursor", nullptr).close_object();
    return body;
}

std::string report_csv(const ReportTable& table)
{
    std::vector<std::string> cells;
    for (const auto dimension : table.dimensions) {
        cells.emplace_back(domain::to_string(dimension));
        if (dimension == ReportDimension::agent) cells.emplace_back("agent_name");
    }
    for (const auto name : table.figures) cells.emplace_back(name);
    std::string text = domain::csv_line(cells);
    for (const ReportTable::Row& row : table.rows) {
        cells.clear();
        for (std::size_t i = 0; i < table.dimensions.size(); ++i) {
            cells.push_back(row.keys[i]);
            if (table.dimensions[i] == ReportDimension::agent) cells.emplace_back(name_of(table, row.keys[i]));
        }
        for (const ReportFigure& figure : row.figures) cells.push_back(cell(figure));
        text += domain::csv_line(cells);
    }
    return text;
}

} // namespace sportello::api
