#pragma once

#include "config.hpp"

#include <sportello/base/time.hpp>

#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

#include <functional>
#include <initializer_list>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sportello::app {

/// Where problems are gathered while a configuration is read.
class Problems {
public:
    void add(const toml::node& where, std::string message);
    void add_file(std::string file, std::string message);
    void warn(const toml::node& where, std::string message);
    std::vector<ConfigProblem> found;
    std::vector<ConfigProblem> warnings;
};

/// Reads the keys of one table: each with its type, limits and default. Keys that nobody asked for are mistakes
/// (a typing error must not silently mean the default); end() reports them with the nearest known name.
class TableReader {
public:
    TableReader(const toml::table& table, std::string name, Problems& problems) : table_(table), name_(std::move(name)), problems_(problems)
    {
    }

    [[nodiscard]] const toml::node* find(std::string_view key);
    [[nodiscard]] const toml::table* table(std::string_view key);
    [[nodiscard]] std::vector<const toml::table*> tables(std::string_view key); ///< an array of tables
    void text(std::string_view key, std::string& value);
    /// A text that must be there and not be empty. @return whether it is.
    bool required_text(std::string_view key, std::string& value);
    void boolean(std::string_view key, bool& value);
    void number(std::string_view key, std::int64_t least, std::int64_t most, std::int64_t& value);
    void duration(std::string_view key, base::Duration least, base::Duration most, base::Duration& value);
    /// An amount of US dollars above 0, at most a million.
    void dollars(std::string_view key, std::optional<std::int64_t>& micro_dollars);
    /// RFC 3339 with its offset, as a text or as TOML's own date-time; an empty text is nothing.
    void instant(std::string_view key, std::optional<base::Instant>& value);
    void texts(std::string_view key, std::vector<std::string>& values);
    /// A word of a closed list; `parse` answers nothing for any other.
    template <class Parse, class Value> void word(std::string_view key, std::string_view expected, Parse parse, Value& value)
    {
        std::string text;
        const toml::node* node = find(key);
        if (!node) return;
        const auto given = node->value<std::string>();
        const auto parsed = given ? parse(*given) : decltype(parse(std::string_view()))();
        if (parsed) value = *parsed;
        else problems_.add(*node, name_ + "." + std::string(key) + ": expected " + std::string(expected));
    }
    void problem(std::string_view key, std::string message);
    void end();

    [[nodiscard]] const std::string& name() const { return name_; }
    [[nodiscard]] const toml::table& node() const { return table_; }
    [[nodiscard]] Problems& problems() { return problems_; }

private:
    void wrong(const toml::node& node, std::string_view key, std::string_view expected);

    const toml::table& table_;
    std::string name_;
    Problems& problems_;
    std::set<std::string, std::less<>> asked_;
};

/// Parses `file` and the files it includes into one table: included ones first, the including one laid over them
/// (tables merge, a key given again replaces, arrays of tables are appended). Nodes keep their file, line and column.
[[nodiscard]] std::optional<toml::table> read_toml(const std::filesystem::path& file, Problems& problems);

} // namespace sportello::app
