#pragma once

#include "context.hpp"

#include <sportello/domain/model.hpp>
#include <sportello/storage/transaction.hpp>

#include <nlohmann/json_fwd.hpp>

#include <string_view>

namespace sportello::api {

/// The person whom a caller may manage: of no higher role than the caller's, and answering for no brand that the caller
/// does not. @return not_found for both "there is none" and "of other brands only"; forbidden for a higher role.
[[nodiscard]] base::Result<domain::Agent> person_at_hand(storage::Transaction& tx, domain::AgentId id, const Caller& caller);

/// Whether the caller answers for every brand of `brands` (empty: all there are).
[[nodiscard]] bool answers_for(const domain::Agent& caller, const std::vector<std::string>& brands);

/// Appends a fact about a person, `{"agent": id}`, and writes it into the audit with what was changed.
/// @param by  who did it; without a log-in whoever proved to be them
void tell_of_person(storage::Transaction& tx, std::string_view type, const Call& call, const domain::Agent& by, domain::AgentId agent,
                    base::Instant now, const nlohmann::json& before, const nlohmann::json& after);
/// The same of what the audit knows no details.
void tell_of_person(storage::Transaction& tx, std::string_view type, const Call& call, const domain::Agent& by, domain::AgentId agent,
                    base::Instant now);

} // namespace sportello::api
