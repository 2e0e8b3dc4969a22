#pragma once

#include "config.hpp"

#include <sportello/base/clock.hpp>
#include <sportello/base/random.hpp>
#include <sportello/base/seal.hpp>
#include <sportello/connectors/tokens.hpp>
#include <sportello/storage/database.hpp>

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace sportello::app {

/// The channels' tokens in the database, sealed. The key is the configuration's; else that of a file beside the database,
/// which is made, for its owner's eyes only, when the first token is kept.
class StoredTokens final : public connectors::TokenStore {
public:
    StoredTokens(storage::Database& db, const Config& config, base::Clock& clock, base::Random& random);

    boost::asio::awaitable<base::Result<std::optional<connectors::Tokens>>> load(std::string channel) override;
    boost::asio::awaitable<base::Result<void>> keep(std::string channel, connectors::Tokens tokens) override;

    // On the calling thread, waiting: for the start and the command line.
    [[nodiscard]] base::Result<std::optional<connectors::Tokens>> load_now(const std::string& channel);
    /// @param also  done in the same transaction
    [[nodiscard]] base::Result<void> keep_now(const std::string& channel, const connectors::Tokens& tokens,
                                              const std::function<void(storage::Transaction&)>& also = {});
    /// Gives each channel of `settings` whose tokens are here this store and what it has.
    /// @return in words what could not be opened; those channels start without tokens.
    [[nodiscard]] std::vector<std::string> attach(const Config& config, std::vector<connectors::ChannelSettings>& settings);
    /// The key itself, made when there is none yet. For the secrets of second factors.
    [[nodiscard]] base::Result<const base::Sealer*> sealer() { return sealer(true); }
    /// Seals what an old key sealed with the present one, secrets of second factors too. @return how many.
    [[nodiscard]] base::Result<std::size_t> reseal_now();

    /// The file that holds the key; empty when the configuration has the key.
    [[nodiscard]] const std::filesystem::path& key_file() const { return key_file_; }

    /// What seals here, for other secrets too. @param make_key  whether a missing key file is made: only for sealing
    base::Result<const base::Sealer*> sealer(bool make_key);

private:
    storage::Database& db_;
    base::Clock& clock_;
    base::Random& random_;
    std::filesystem::path key_file_;
    bool in_memory_;
    std::optional<base::SealingKey> key_;
    std::vector<base::SealingKey> old_keys_;
    std::optional<base::Sealer> sealer_;
};

} // namespace sportello::app
