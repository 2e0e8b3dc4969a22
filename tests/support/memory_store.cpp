#include "support/memory_store.hpp"

namespace sportello::test {

boost::asio::awaitable<base::Result<std::optional<connectors::Tokens>>> MemoryStore::load(std::string)
{
    co_return tokens;
}

boost::asio::awaitable<base::Result<void>> MemoryStore::keep(std::string channel, connectors::Tokens given)
{
    if (full) co_return base::Error(base::ErrorKind::unavailable, "the disk is full");
    channels.push_back(std::move(channel));
    tokens = std::move(given);
    co_return base::Result<void>();
}

} // namespace sportello::test
