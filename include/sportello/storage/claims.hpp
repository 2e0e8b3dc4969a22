#pragma once

#include <sportello/storage/transaction.hpp>

#include <string_view>

namespace sportello::storage {

/// Claims for this transaction what several nodes would only get in each other's way with: one at a time has it. Never waits.
/// @return whether it was free; always where there are no other nodes.
bool claim(Transaction& tx, std::string_view what);
/// The first thing in a unit that reads and writes much: waits until no other node is at such a unit. Side by side each would see
/// what the other changes, and one of the two would be run again, all of it. Alone there is nobody to wait for.
void take_turn(Transaction& tx);
/// Whether other nodes may write beside this one.
[[nodiscard]] bool among_nodes(const Transaction& tx);

} // namespace sportello::storage
