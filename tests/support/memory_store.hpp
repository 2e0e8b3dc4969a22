#pragma once

#include <sportello/connectors/tokens.hpp>

#include <optional>
#include <string>
#include <vector>

namespace sportello::test {

/// Tokens of one channel, as a database would keep them.
class MemoryStore final : public connectors::TokenStore {
public:
    boost::asio::awaitable<base::Result<std::optional<connectors::Tokens>>> load(std::string channel) override;
    boost::asio::awaitable<base::Result<void>> keep(std::string channel, connectors::Tokens given) override;

    std::optional<connectors::Tokens> tokens;
    std::vector<std::string> channels; ///< of each keep
    bool full = false;
};

} // namespace sportello::test
