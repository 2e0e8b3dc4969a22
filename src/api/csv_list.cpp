#include "csv_list.hpp"

#include <sportello/domain/csv.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <memory>
#include <stdexcept>

namespace sportello::api {
namespace {

using boost::asio::awaitable;
using nlohmann::json;
using nlohmann::ordered_json;

constexpr std::size_t deepest = 4;
constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF"; // without it, spreadsheets take UTF-8 for Latin-1

/// Reads schemas of the contract, which stand by reference, in parts (allOf) or beside null (oneOf).
class Contract {
public:
    explicit Contract(const ordered_json& document) : document_(document) {}

    [[nodiscard]] const ordered_json& resolve(const ordered_json& node) const
    {
        const auto* at = &node;
        while (at->contains("$ref")) { at = &document_.at(ordered_json::json_pointer(at->at("$ref").get<std::string>().substr(1))); }
        for (const auto* word : {"oneOf", "anyOf"}) {
            if (!at->contains(word)) continue;
            for (const auto& choice : at->at(word)) {
                const auto& chosen = resolve(choice);
                if (!chosen.contains("type") || chosen.at("type") != "null") return chosen;
            }
        }
        return *at;
    }

    /// Every member that a schema names, in order.
    void each_member(const ordered_json& given, const std::function<void(const std::string&, const ordered_json&)>& each) const
    {
        const auto& schema = resolve(given);
        if (schema.contains("allOf")) {
            for (const auto& part : schema.at("allOf")) each_member(part, each);
        }
        if (!schema.contains("properties")) return;
        for (const auto& [name, member] : schema.at("properties").items()) each(name, member);
    }

    [[nodiscard]] const ordered_json* member(const ordered_json& schema, std::string_view name) const
    {
        const ordered_json* found = nullptr;
        each_member(schema, [&](const std::string& one, const ordered_json& type) {
            if (one == name) found = &type;
        });
        return found;
    }

private:
    const ordered_json& document_;
};

void add_columns(const Contract& contract, const ordered_json& schema, const std::vector<std::string>& path,
                 std::vector<CsvLists::Column>& columns)
{
    contract.each_member(schema, [&](const std::string& name, const ordered_json& member) {
        auto inside = path;
        inside.push_back(name);
        bool has_members = false;
        contract.each_member(member, [&](const std::string&, const ordered_json&) { has_members = true; });
        if (has_members && inside.size() < deepest) {
            add_columns(contract, member, inside, columns);
            return;
        }
        std::string title;
        for (const auto& part : inside) title += (title.empty() ? "" : ".") + part;
        const bool known = std::ranges::any_of(columns, [&](const CsvLists::Column& column) { return column.title == title; });
        if (!known) columns.push_back({std::move(title), std::move(inside)});
    });
}

std::int64_t page_of(const Contract& contract, const ordered_json& operation)
{
    if (!operation.contains("parameters")) return 0;
    for (const auto& one : operation.at("parameters")) {
        const auto& parameter = contract.resolve(one);
        if (parameter.at("name") == "limit") return contract.resolve(parameter.at("schema")).value("maximum", 100);
    }
    return 0;
}

std::string cell_of(const json& value)
{
    if (value.is_null()) return {};
    if (value.is_string()) return value.get<std::string>();
    const bool texts = value.is_array() && std::ranges::all_of(value, [](const json& one) { return one.is_primitive(); });
    if (!texts) return value.dump();
    std::string joined;
    for (const auto& one : value) joined += (joined.empty() ? "" : "; ") + cell_of(one);
    return joined;
}

const json& at_path(const json& item, const std::vector<std::string>& path)
{
    static const json nothing;
    const auto* at = &item;
    for (const auto& name : path) {
        if (!at->is_object() || !at->contains(name)) return nothing;
        at = &at->at(name);
    }
    return *at;
}

std::string head_of(const CsvLists::List& list)
{
    std::vector<std::string> titles;
    for (const auto& column : list.columns) titles.push_back(column.title);
    return std::string(byte_order_mark) + domain::csv_line(titles);
}

/// "/v1/reports/promises" is saved as promises.csv.
std::string file_name(std::string_view pattern)
{
    while (true) {
        const auto slash = pattern.rfind('/');
        const auto last = pattern.substr(slash + 1);
        if (last.find('{') == std::string_view::npos) return std::string(last) + ".csv";
        pattern = pattern.substr(0, slash);
    }
}

struct Page {
    std::string lines;
    std::string next; ///< empty at the end
};

Page page_of(const CsvLists::List& list, const std::string& body)
{
    const auto answer = json::parse(body);
    Page page{.lines = csv_of_items(list, answer.at("items")), .next = {}};
    const auto next = answer.find("next_cursor");
    if (next != answer.end() && next->is_string()) page.next = next->get<std::string>();
    return page;
}

http::Parameters at_cursor(const http::Parameters& query, const std::string& cursor)
{
    http::Parameters moved;
    for (const auto& [name, value] : query) {
        if (name != "cursor") moved.add(name, value);
    }
    moved.add("cursor", cursor);
    return moved;
}

/// What a stream needs after its request is gone.
struct Export {
    http::Request request;
    std::string request_id;
    CallerPtr caller;
    const CsvLists::List& list;
    ReadPage read;
    std::string first; ///< head and first page
    std::string next;
};

/// Page after page, each read by itself and only while the reader keeps up, as the person they still are.
awaitable<void> send_pages(Context& context, std::shared_ptr<Export> out, http::BodyStream& body)
{
    bool sent = co_await body.write(out->first);
    while (sent && !out->next.empty()) {
        auto caller = co_await context.sessions.renew(out->caller);
        if (!caller || *caller == nullptr) throw std::runtime_error("an export was broken off: its session has ended");
        out->request.query = at_cursor(out->request.query, out->next);
        Call call{out->request, out->request_id, std::move(*caller)};
        auto answer = co_await out->read(call);
        if (!answer || answer->status != 200) throw std::runtime_error("an export was broken off: a page could not be read");
        auto page = page_of(out->list, answer->body);
        out->next = std::move(page.next);
        sent = co_await body.write(page.lines);
    }
}

} // namespace

CsvLists::CsvLists()
{
    const auto document = ordered_json::parse(openapi_json());
    const Contract contract(document);
    for (const auto& [pattern, item] : document.at("paths").items()) {
        if (!item.contains("get") || !item.at("get").at("responses").contains("200")) continue;
        const auto& operation = item.at("get");
        const auto& response = contract.resolve(operation.at("responses").at("200"));
        if (!response.contains("content") || !response.at("content").contains("application/json")) continue;
        const auto* items = contract.member(response.at("content").at("application/json").at("schema"), "items");
        if (items == nullptr || !contract.resolve(*items).contains("items")) continue;
        List list{.columns = {}, .page = page_of(contract, operation)};
        add_columns(contract, contract.resolve(*items).at("items"), {}, list.columns);
        if (list.columns.empty()) list.columns.push_back({"value", {}}); // items that are plain values
        lists_.emplace(pattern, std::move(list));
    }
}

const CsvLists::List* CsvLists::find(std::string_view pattern) const
{
    const auto found = lists_.find(pattern);
    return found == lists_.end() ? nullptr : &found->second;
}

const CsvLists& csv_lists()
{
    static const CsvLists lists;
    return lists;
}

std::optional<Format> asked_format(const http::Request& request)
{
    if (const auto format = request.query.find("format")) {
        if (*format == "json") return Format::json;
        return *format == "csv" ? std::optional(Format::csv) : std::nullopt;
    }
    // Whoever takes JSON too, or anything, gets that: browsers say */*.
    const auto accept = request.headers.find("Accept").value_or("");
    const bool only_csv = accept.find("text/csv") != std::string_view::npos && accept.find("json") == std::string_view::npos;
    return only_csv ? Format::csv : Format::json;
}

http::Parameters without_format(const http::Parameters& query)
{
    http::Parameters kept;
    for (const auto& [name, value] : query) {
        if (name != "format") kept.add(name, value);
    }
    return kept;
}

std::string csv_of_items(const CsvLists::List& list, const json& items)
{
    std::string lines;
    std::vector<std::string> cells(list.columns.size());
    for (const auto& item : items) {
        for (std::size_t at = 0; at < cells.size(); ++at) cells[at] = cell_of(at_path(item, list.columns[at].path));
        lines += domain::csv_line(cells);
    }
    return lines;
}

awaitable<Answer> list_as_csv(Context& context, Call& call, const CsvLists::List& list, ReadPage read)
{
    const bool one_page = list.page == 0 || call.request.query.find("limit").has_value();
    if (!one_page) call.request.query.add("limit", std::to_string(list.page));
    auto answer = co_await read(call);
    if (!answer || answer->status != 200 || answer->stream) co_return answer;
    auto page = page_of(list, answer->body);
    auto response = http::Response::text(200, head_of(list) + page.lines, "text/csv; charset=utf-8; header=present");
    response.headers.set("Content-Disposition", "attachment; filename=\"" + file_name(call.request.route) + '"');
    if (one_page || page.next.empty()) co_return response;

    auto out = std::make_shared<Export>(
        Export{call.request, call.request_id, call.caller, list, std::move(read), std::move(response.body), std::move(page.next)});
    response.body.clear();
    response.stream = [&context, out](http::BodyStream& body) { return send_pages(context, out, body); };
    co_return response;
}

} // namespace sportello::api
