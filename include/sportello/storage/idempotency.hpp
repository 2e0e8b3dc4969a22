#pragma once

#include <sportello/domain/model.hpp>
#include <sportello/storage/transaction.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace sportello::storage {

/// The answer that a request with this key was given.
struct KeptAnswer {
    std::string request_hash; ///< of method, path and body: another request with the same key is a mistake
    std::int64_t status = 0;
    std::string body;
};

std::optional<KeptAnswer> find_answer(Transaction& tx, domain::AgentId agent, std::string_view key);
/// In the transaction of the request's effect. A key is kept once: @return conflict when it is there already.
base::Result<void> keep_answer(Transaction& tx, domain::AgentId agent, std::string_view key, const KeptAnswer& answer, base::Instant now);
/// @return how many were older than `before` and are gone.
std::int64_t delete_answers_before(Transaction& tx, base::Instant before);

} // namespace sportello::storage
