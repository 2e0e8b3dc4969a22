#pragma once

#include <sportello/domain/model.hpp>
#include <sportello/storage/transaction.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace sportello::storage {

/// The status of a key whose change is made and whose answer is not kept (yet): `body` is the id of what it made.
constexpr std::int64_t made_without_answer = 0;

/// The status of a key whose answer told of somebody who is erased by now: the change stays made.
constexpr std::int64_t forgotten_answer = -1;

/// The answer that a request with this key was given.
struct KeptAnswer {
    std::string request_hash; ///< of method, path and body: another request with the same key is a mistake
    std::int64_t status = 0;
    std::string body;
};

std::optional<KeptAnswer> find_answer(Transaction& tx, domain::AgentId agent, std::string_view key);
/// In the transaction of the request's effect. A key is kept once: @return conflict when it is there already.
base::Result<void> keep_answer(Transaction& tx, domain::AgentId agent, std::string_view key, const KeptAnswer& answer, base::Instant now);
/// The answer that repeats get from now on, in place of what keep_answer wrote.
void keep_final_answer(Transaction& tx, domain::AgentId agent, std::string_view key, const KeptAnswer& answer, base::Instant now);
/// What every kept answer says is forgotten; that its change was made is not.
void forget_answers(Transaction& tx);
/// @return how many were older than `before` and are gone.
std::int64_t delete_answers_before(Transaction& tx, base::Instant before);

} // namespace sportello::storage
