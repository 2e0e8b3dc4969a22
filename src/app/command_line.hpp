#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace sportello::app {

/// What `plan` was asked, as it was written.
struct PlanWords {
    std::vector<std::string> brands;
    int weeks = 8; ///< of history
    int agents = 0;
    std::string hours;
    std::string outage;
    int growth = 0; ///< percent
    std::string mean;
    int inside = 90;     ///< percent
    double messages = 0; ///< a day, assumed; 0: the history's
    std::string handling;
    std::uint64_t seed = 1;
};

/// What was asked on the command line.
struct CommandLine {
    std::string command;            ///< "serve", "check-config", "migrate", "quarantine", "user", "channel", "plan", "rules", "backup", "restore", "alert", "help", "version"
    std::vector<std::string> words; ///< positional words after the command: user ACTION LOGIN, channel ACTION ID, restore FILE, alert test NAME
    std::filesystem::path config = "config/sportello.toml";
    std::optional<std::uint16_t> port;
    std::filesystem::path ready_file;
    std::string role = "agent";
    std::string name;
    bool password_from_stdin = false;
    std::string redirect; ///< channel connect: the address that the app has registered; empty: the loopback one
    bool paste = false;
    bool oauth1 = false;
    bool token_from_stdin = false;
    std::string from; ///< migrate: the database to move from, "sqlite:PATH"; `to` is the one to move to, "postgresql://…"
    std::string since = "7d"; ///< how far back rules are played
    std::string expect;       ///< audit verify: SEQ:HASH
    bool json = false;
    bool csv = false;
    std::filesystem::path to; ///< backup: the folder; empty: the configuration's
    std::int64_t keep = 0;    ///< backup: the newest ones; 0: as the configuration says
    bool check = false;       ///< restore: only look
    std::string kind;         ///< alert test
    PlanWords plan;
    bool help = false;
};

/// Reads the arguments. @return nothing, with `complaint` filled, when they make no sense.
[[nodiscard]] std::optional<CommandLine> read_command_line(int argc, const char* const* argv, std::string& complaint);

/// The manual: all commands, or one with its options.
[[nodiscard]] std::string manual(const std::string& command);

} // namespace sportello::app
