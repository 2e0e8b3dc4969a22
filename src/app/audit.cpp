#include "commands.hpp"
#include "database.hpp"

#include <sportello/storage/audit.hpp>

#include <charconv>
#include <iostream>

namespace sportello::app {
namespace {

/// "812:5f…": an entry's number and hash. @return whether it is one.
bool read_expectation(std::string_view text, std::int64_t& seq, std::string& hash)
{
    if (text.empty()) return true;
    const auto colon = text.find(':');
    if (colon == std::string_view::npos) return false;
    const auto [end, error] = std::from_chars(text.data(), text.data() + colon, seq);
    hash = text.substr(colon + 1);
    return error == std::errc() && end == text.data() + colon && seq > 0 && hash.size() == 64;
}

} // namespace

int audit(const CommandLine& line, const Config& config)
{
    std::int64_t seq = 0;
    std::string hash;
    if (line.words.size() != 1 || line.words.front() != "verify" || !read_expectation(line.expect, seq, hash)) {
        std::cerr << manual("audit");
        return 2;
    }
    base::SystemClock clock;
    const auto db = open_database(config, clock, true);
    if (!db) return 1;
    const auto check =
        db->read_now([&](storage::Transaction& tx) -> base::Result<storage::AuditCheck> { return storage::check_audit(tx, seq, hash); });
    if (!check) {
        std::cerr << "sportello: " << check.error().what() << "\n";
        return 1;
    }
    if (!check->flaw.empty()) {
        std::cerr << "sportello: the audit is not whole: " << check->flaw << "\n";
        return 1;
    }
    std::cout << "the audit is whole: " << check->entries << " entries\n";
    if (check->last_seq > 0) std::cout << check->last_seq << ":" << check->last_hash << "\n";
    return 0;
}

} // namespace sportello::app
