#pragma once

#include "rows.hpp"

// The columns of an agent `a`, in the order in which agent_at reads them from `first`.
#define SPORTELLO_AGENT_COLUMNS                                                                                                            \
    "a.id, a.login, a.name, a.role, a.available, a.disabled, a.capacity, a.brands, a.language, "                                           \
    "a.skills, a.languages, a.teams, a.needs_approval"

namespace sportello::storage {

inline constexpr int agent_column_count = 13;

inline domain::Agent agent_at(const Row& row, int first)
{
    return {.id = id_at<domain::AgentId>(row, first),
            .login = row.string(first + 1),
            .name = row.string(first + 2),
            .role = known_word(domain::parse_role(row.text(first + 3)), row.text(first + 3)),
            .available = row.flag(first + 4),
            .disabled = row.flag(first + 5),
            .capacity = small_number_at(row, first + 6),
            .brands = split(row.text(first + 7), ','),
            .language = row.string(first + 8),
            .skills = split(row.text(first + 9), ','),
            .languages = split(row.text(first + 10), ','),
            .teams = split(row.text(first + 11), ','),
            .needs_approval = row.flag(first + 12)};
}

} // namespace sportello::storage
