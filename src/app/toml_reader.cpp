#include "toml_reader.hpp"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <sstream>

namespace sportello::app {
namespace {

constexpr int deepest_include = 8;

ConfigProblem at_node(const toml::node& where, std::string message)
{
    const toml::source_region& source = where.source();
    return {source.path ? *source.path : std::string(), source.begin.line, source.begin.column, std::move(message)};
}

/// Number of single-letter edits between two names: finds the key that was meant.
std::size_t edit_distance(std::string_view a, std::string_view b)
{
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = std::exchange(row[0], i);
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t replaced = diagonal + (a[i - 1] != b[j - 1]);
            diagonal = row[j];
            row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
        }
    }
    return row[b.size()];
}

bool is_array_of_tables(const toml::node& node)
{
    const toml::array* array = node.as_array();
    return array && !array->empty() && array->is_homogeneous(toml::node_type::table);
}

/// Moves the content of `over` onto `base`. Moving (not copying) keeps each node's place in its file.
void lay_over(toml::table& base, toml::table&& over)
{
    for (auto&& [key, node] : over) {
        toml::node* present = base.get(key.str());
        if (present && present->is_table() && node.is_table()) {
            lay_over(*present->as_table(), std::move(*node.as_table()));
        } else if (present && is_array_of_tables(*present) && is_array_of_tables(node)) {
            for (auto& element : *node.as_array()) present->as_array()->push_back(std::move(*element.as_table()));
        } else {
            node.visit([&](auto& value) { base.insert_or_assign(key, std::move(value)); });
        }
    }
}

std::optional<toml::table> parse(const std::filesystem::path& file, Problems& problems)
{
    std::ifstream stream(file, std::ios::binary);
    std::ostringstream text;
    if (!stream || !(text << stream.rdbuf())) {
        problems.add_file(file.string(), "cannot be read; give the path of a configuration file, as config/sportello.example.toml");
        return std::nullopt;
    }
    toml::parse_result result = toml::parse(text.str(), file.string());
    if (!result) {
        const toml::source_position& begin = result.error().source().begin;
        problems.found.push_back({file.string(), begin.line, begin.column, std::string(result.error().description())});
        return std::nullopt;
    }
    return std::move(result).table();
}

std::optional<toml::table> read_with_includes(const std::filesystem::path& file, Problems& problems, int depth)
{
    std::optional<toml::table> own = parse(file, problems);
    if (!own) return std::nullopt;
    toml::table merged;
    if (const toml::node* include = own->get("include")) {
        std::vector<std::string> files;
        const toml::array* list = include->as_array();
        if (!list || !std::all_of(list->begin(), list->end(), [](const toml::node& n) { return n.is_string(); })) {
            problems.add(*include, "include: expected a list of file names");
        } else if (depth >= deepest_include) {
            problems.add(*include, "include: files include each other more than 8 deep");
        } else {
            for (const toml::node& name : *list) {
                const std::filesystem::path path = file.parent_path() / *name.value<std::string>();
                if (auto included = read_with_includes(path, problems, depth + 1)) lay_over(merged, std::move(*included));
            }
        }
        own->erase("include");
    }
    lay_over(merged, std::move(*own));
    return merged;
}

} // namespace

std::string ConfigProblem::to_string() const
{
    if (line == 0) return file + ": " + message;
    return file + ":" + std::to_string(line) + ":" + std::to_string(column) + ": " + message;
}

void Problems::add(const toml::node& where, std::string message)
{
    found.push_back(at_node(where, std::move(message)));
}

void Problems::add_file(std::string file, std::string message)
{
    found.push_back({std::move(file), 0, 0, std::move(message)});
}

void Problems::warn(const toml::node& where, std::string message)
{
    warnings.push_back(at_node(where, std::move(message)));
}

const toml::node* TableReader::find(std::string_view key)
{
    asked_.emplace(key);
    return table_.get(key);
}

void TableReader::wrong(const toml::node& node, std::string_view key, std::string_view expected)
{
    problems_.add(node, name_ + "." + std::string(key) + ": expected " + std::string(expected));
}

const toml::table* TableReader::table(std::string_view key)
{
    const toml::node* node = find(key);
    if (node && !node->is_table()) wrong(*node, key, "a table");
    return node ? node->as_table() : nullptr;
}

std::vector<const toml::table*> TableReader::tables(std::string_view key)
{
    std::vector<const toml::table*> found;
    const toml::node* node = find(key);
    if (!node) return found;
    if (!is_array_of_tables(*node)) {
        wrong(*node, key, "[[" + std::string(key) + "]] tables");
        return found;
    }
    for (const toml::node& element : *node->as_array()) found.push_back(element.as_table());
    return found;
}

void TableReader::text(std::string_view key, std::string& value)
{
    const toml::node* node = find(key);
    if (!node) return;
    if (auto given = node->value_exact<std::string>()) value = std::move(*given);
    else wrong(*node, key, "a text in quotes");
}

bool TableReader::required_text(std::string_view key, std::string& value)
{
    const bool there = find(key) != nullptr;
    text(key, value);
    if (!there) problems_.add(table_, name_ + ": " + std::string(key) + " is missing");
    else if (value.empty()) wrong(*table_.get(key), key, "a text that is not empty");
    return !value.empty();
}

void TableReader::boolean(std::string_view key, bool& value)
{
    const toml::node* node = find(key);
    if (!node) return;
    if (const auto given = node->value_exact<bool>()) value = *given;
    else wrong(*node, key, "true or false");
}

void TableReader::number(std::string_view key, std::int64_t least, std::int64_t most, std::int64_t& value)
{
    const toml::node* node = find(key);
    if (!node) return;
    const auto given = node->value_exact<std::int64_t>();
    if (given && *given >= least && *given <= most) value = *given;
    else wrong(*node, key, "a whole number from " + std::to_string(least) + " to " + std::to_string(most));
}

void TableReader::duration(std::string_view key, base::Duration least, base::Duration most, base::Duration& value)
{
    const toml::node* node = find(key);
    if (!node) return;
    const auto given = node->value_exact<std::string>();
    const auto parsed = given ? base::parse_duration(*given) : base::Result<base::Duration>(base::Error());
    if (parsed && *parsed >= least && *parsed <= most) value = *parsed;
    else
        wrong(*node, key,
              "a duration in quotes like \"20s\", \"5m\" or \"1h30m\", not under " +
                  std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(least).count()) + " ms, not over " +
                  std::to_string(std::chrono::duration_cast<std::chrono::hours>(most).count()) + " h");
}

void TableReader::dollars(std::string_view key, std::optional<std::int64_t>& micro_dollars)
{
    const toml::node* node = find(key);
    if (!node) return;
    const auto given = node->value<double>(); // a whole number too
    if (given && *given > 0 && *given <= 1e6) micro_dollars = std::llround(*given * 1e6);
    else wrong(*node, key, "an amount of US dollars above 0, at most 1000000, like 2.5");
}

void TableReader::instant(std::string_view key, std::optional<base::Instant>& value)
{
    const toml::node* node = find(key);
    if (!node) return;
    if (const auto text = node->value_exact<std::string>()) {
        if (text->empty()) return value.reset();
        if (const auto parsed = base::parse_rfc3339(*text)) {
            value = *parsed;
            return;
        }
    } else if (const auto given = node->value_exact<toml::date_time>(); given && given->offset) {
        using namespace std::chrono;
        const sys_days day = year(given->date.year) / given->date.month / given->date.day;
        const auto local = hours(given->time.hour) + minutes(given->time.minute) + seconds(given->time.second);
        value = base::Instant(day + local - minutes(given->offset->minutes)) +
                duration_cast<base::Duration>(nanoseconds(given->time.nanosecond));
        return;
    }
    wrong(*node, key, "a time with its offset like \"2026-03-02T09:00:00+01:00\"");
}

void TableReader::texts(std::string_view key, std::vector<std::string>& values)
{
    const toml::node* node = find(key);
    if (!node) return;
    const toml::array* list = node->as_array();
    if (!list || !std::all_of(list->begin(), list->end(), [](const toml::node& n) { return n.is_string(); })) {
        wrong(*node, key, "a list of texts in quotes");
        return;
    }
    values.clear();
    for (const toml::node& element : *list) values.push_back(*element.value<std::string>());
}

void TableReader::problem(std::string_view key, std::string message)
{
    const toml::node* node = table_.get(key);
    problems_.add(node ? *node : table_, name_ + "." + std::string(key) + ": " + std::move(message));
}

void TableReader::end()
{
    for (auto&& [key, node] : table_) {
        if (asked_.contains(key.str())) continue;
        std::string message = name_.empty() ? "" : name_ + ": ";
        message += "there is no key '" + std::string(key.str()) + "'";
        std::string nearest;
        std::size_t distance = 3;
        for (const std::string& known : asked_) {
            const std::size_t d = edit_distance(known, key.str());
            if (d < distance) {
                distance = d;
                nearest = known;
            }
        }
        if (!nearest.empty()) message += "; did you mean '" + nearest + "'?";
        problems_.found.push_back({key.source().path ? *key.source().path : std::string(), key.source().begin.line,
                                   key.source().begin.column, std::move(message)});
    }
}

std::optional<toml::table> read_toml(const std::filesystem::path& file, Problems& problems)
{
    return read_with_includes(file, problems, 0);
}

} // namespace sportello::app
