#pragma once

#include <sportello/domain/model.hpp>
#include <sportello/storage/transaction.hpp>

#include <cstddef>
#include <string>

namespace sportello::engine {

/// What becomes of the work of somebody who may work no more: every ticket that is not solved goes back to the queue with
/// the reason, told as an event each. What they sent or promised to be sent stays: a reply that was accepted leaves, and
/// their name stays under what they wrote. @return how many tickets went back.
std::size_t give_back_work(storage::Transaction& tx, domain::AgentId agent, const std::string& why, base::Instant now);

} // namespace sportello::engine
