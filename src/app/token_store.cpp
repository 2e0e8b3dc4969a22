#include "token_store.hpp"

#include <sportello/storage/access.hpp>
#include <sportello/storage/credentials.hpp>

#include <spdlog/spdlog.h>

#include <cerrno>
#include <cstring>
#include <fstream>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace sportello::app {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using connectors::Tokens;
using storage::Credential;
using storage::Transaction;

constexpr std::string_view sqlite = "sqlite:";

std::filesystem::path database_file(const std::string& url)
{
    return url.starts_with(sqlite) ? url.substr(sqlite.size()) : url;
}

/// What a seal is bound to: moved to another channel, tokens do not open.
std::string place_of(std::string_view channel, std::string_view kind)
{
    return std::string(channel) + "/" + std::string(kind);
}

Result<std::optional<base::SealingKey>> read_key_file(const std::filesystem::path& path)
{
    struct stat status {};
    if (stat(path.c_str(), &status) != 0) {
        if (errno == ENOENT) return std::optional<base::SealingKey>();
        return Error(ErrorKind::unavailable, path.string() + ": " + std::strerror(errno));
    }
    if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
        return Error(ErrorKind::invalid_input, path.string() + " can be read by others than its owner: run `chmod 600 " + path.string() +
                                                   "`, and sign the channels in again if somebody may have read it");
    }
    std::ifstream file(path);
    std::string text;
    std::getline(file, text);
    auto key = base::SealingKey::parse(text);
    if (!key) return Error(ErrorKind::invalid_input, path.string() + ": " + key.error().what());
    return std::optional(*key);
}

/// A new file that only its owner may read, on the disk when this returns.
Result<void> write_key_file(const std::filesystem::path& path, const std::string& text)
{
    const auto failed = [&] { return Error(ErrorKind::unavailable, "make " + path.string() + ": " + std::strerror(errno)); };
    const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (file < 0) return failed();
    const std::string line = text + "\n";
    const bool written = write(file, line.data(), line.size()) == static_cast<ssize_t>(line.size()) && fsync(file) == 0;
    if (close(file) != 0 || !written) return failed();
    const std::filesystem::path folder = path.has_parent_path() ? path.parent_path() : ".";
    if (const int handle = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); handle >= 0) {
        fsync(handle);
        close(handle);
    }
    return {};
}

Result<std::optional<Tokens>> opened(const base::Sealer& sealer, const Credential& credential)
{
    const auto kind = connectors::parse_tokens_kind(credential.kind);
    if (!kind) return Error(ErrorKind::invalid_input, "tokens of a kind that this version does not know: " + credential.kind);
    const auto plain = sealer.open(credential.sealed, place_of(credential.channel, credential.kind));
    if (!plain) {
        return plain.error().while_doing("open the stored tokens of channel " + credential.channel +
                                         " (name their key in [sealing], or run `sportello channel connect " + credential.channel + "`)");
    }
    const auto tokens = connectors::tokens_from_json(*kind, plain->plain);
    if (!tokens) return tokens.error();
    return std::optional(*tokens);
}

} // namespace

StoredTokens::StoredTokens(storage::Database& db, const Config& config, base::Clock& clock, base::Random& random)
    : db_(db), clock_(clock), random_(random), in_memory_(config.database_url == "sqlite::memory:"), key_(config.sealing_key),
      old_keys_(config.old_sealing_keys)
{
    const bool beside_file = config.database_url.starts_with("sqlite:") && !in_memory_;
    if (!key_ && beside_file) key_file_ = database_file(config.database_url).string() + ".key";
}

/// @param make_key  whether a missing key file is made: only for sealing, since a new key opens nothing
Result<const base::Sealer*> StoredTokens::sealer(bool make_key)
{
    if (sealer_) return &*sealer_;
    if (!key_ && in_memory_) key_ = base::SealingKey::fresh(random_);
    if (!key_ && key_file_.empty()) {
        return Error(ErrorKind::unavailable,
                     "the nodes of a PostgreSQL share the key of the stored tokens: name it in [sealing] (32 bytes, "
                     "as `openssl rand -base64 32` prints them)");
    }
    if (!key_) {
        const auto read = read_key_file(key_file_);
        if (!read) return read.error();
        key_ = *read;
    }
    if (!key_ && !make_key) {
        return Error(ErrorKind::unavailable, "the file " + key_file_.string() +
                                                 " with the key of the stored tokens is not there: put it back from its backup, name the "
                                                 "key in [sealing], or sign the channels in again with `sportello channel connect ID`");
    }
    if (!key_) {
        const base::SealingKey fresh = base::SealingKey::fresh(random_);
        if (const auto written = write_key_file(key_file_, fresh.to_text()); !written) return written.error();
        key_ = fresh;
        spdlog::warn("made {}: the key that opens the stored tokens; keep a copy, but not beside the database's backups",
                     key_file_.string());
    }
    sealer_.emplace(*key_, old_keys_, random_);
    return &*sealer_;
}

boost::asio::awaitable<Result<std::optional<Tokens>>> StoredTokens::load(std::string channel)
{
    auto unit = [&](Transaction& tx) -> Result<std::optional<Credential>> { return storage::find_credential(tx, channel); };
    const auto found = co_await db_.read(unit);
    if (!found) co_return found.error();
    if (!*found) co_return std::optional<Tokens>();
    const auto key = sealer(false);
    if (!key) co_return key.error();
    co_return opened(**key, **found);
}

boost::asio::awaitable<Result<void>> StoredTokens::keep(std::string channel, Tokens tokens)
{
    const auto key = sealer(true);
    if (!key) co_return key.error();
    const std::string kind(to_string(tokens.kind));
    const Credential credential{
        .channel = channel, .kind = kind, .sealed = (*key)->seal(to_json(tokens), place_of(channel, kind)), .updated_at = clock_.now()};
    auto unit = [&](Transaction& tx) -> Result<void> {
        storage::save_credential(tx, credential);
        return {};
    };
    co_return co_await db_.write(unit);
}

Result<std::optional<Tokens>> StoredTokens::load_now(const std::string& channel)
{
    auto unit = [&](Transaction& tx) -> Result<std::optional<Credential>> { return storage::find_credential(tx, channel); };
    const auto found = db_.read_now(unit);
    if (!found) return found.error();
    if (!*found) return std::optional<Tokens>();
    const auto key = sealer(false);
    if (!key) return key.error();
    return opened(**key, **found);
}

Result<void> StoredTokens::keep_now(const std::string& channel, const Tokens& tokens, const std::function<void(Transaction&)>& also)
{
    const auto key = sealer(true);
    if (!key) return key.error();
    const std::string kind(to_string(tokens.kind));
    const Credential credential{
        .channel = channel, .kind = kind, .sealed = (*key)->seal(to_json(tokens), place_of(channel, kind)), .updated_at = clock_.now()};
    return db_.write_now([&](Transaction& tx) -> Result<void> {
        storage::save_credential(tx, credential);
        if (also) also(tx);
        return {};
    });
}

std::vector<std::string> StoredTokens::attach(const Config& config, std::vector<connectors::ChannelSettings>& settings)
{
    std::vector<std::string> complaints;
    for (connectors::ChannelSettings& channel : settings) {
        if (!config.stored.contains(channel.id)) continue;
        channel.token_store = this;
        const auto tokens = load_now(channel.id);
        if (tokens) channel.tokens = *tokens;
        else complaints.push_back(tokens.error().what());
    }
    return complaints;
}

Result<std::size_t> StoredTokens::reseal_now()
{
    if (old_keys_.empty()) return std::size_t{0};
    const auto key = sealer(false);
    if (!key) return key.error();
    return db_.write_now([&](Transaction& tx) -> Result<std::size_t> {
        std::size_t count = 0;
        for (Credential& credential : storage::all_credentials(tx)) {
            const std::string place = place_of(credential.channel, credential.kind);
            const auto plain = (*key)->open(credential.sealed, place);
            if (!plain || !plain->by_old_key) continue;
            credential.sealed = (*key)->seal(plain->plain, place);
            storage::save_credential(tx, credential);
            ++count;
        }
        for (const auto& [agent, sealed] : storage::sealed_totp_secrets(tx)) {
            const std::string place = "totp:" + std::to_string(agent.value);
            const auto plain = (*key)->open(sealed, place);
            if (!plain || !plain->by_old_key) continue;
            storage::reseal_totp_secret(tx, agent, (*key)->seal(plain->plain, place));
            ++count;
        }
        return count;
    });
}

} // namespace sportello::app
