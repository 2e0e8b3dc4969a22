#include "statement.hpp"

namespace sportello::storage {
namespace {

// A list through the statements themselves: usable while other files are still being initialized.
constinit const Statement* last_statement = nullptr;

} // namespace

Statement::Statement(std::string_view sql) : sql_(sql), previous_(last_statement)
{
    last_statement = this;
}

std::vector<std::string_view> all_statements()
{
    std::vector<std::string_view> all;
    for (const auto* statement = last_statement; statement != nullptr; statement = statement->previous_) { all.push_back(statement->sql_); }
    return all;
}

} // namespace sportello::storage
