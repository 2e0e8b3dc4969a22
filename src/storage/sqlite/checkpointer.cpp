#include "checkpointer.hpp"

#include <spdlog/spdlog.h>

namespace sportello::storage::sqlite {
namespace {

// In pages of 4 KiB. Small enough for a quick recovery, large enough that a page changed often is copied once.
constexpr int pages_when_idle = 512;
constexpr int pages_when_busy = 4'096;
constexpr int pages_at_most = 16'384; // readers who follow one another without a gap can keep the log from restarting

int remember_pages(void* pages, sqlite3*, const char*, int in_log)
{
    *static_cast<int*>(pages) = in_log;
    return SQLITE_OK;
}

} // namespace

Checkpointer::Checkpointer(const std::string& path, Connection& writer) : writer_(writer), own_(path, {.read_only = false, .cache_kib = 64})
{
    sqlite3_wal_hook(writer.handle(), remember_pages, &log_pages_);
}

void Checkpointer::after_commit(bool idle)
{
    if (log_pages_ < pages_at_last_) pages_at_last_ = 0; // the log has begun anew
    const int fresh = log_pages_ - pages_at_last_;
    if (fresh < (idle ? pages_when_idle : pages_when_busy)) return;
    if (log_pages_ >= pages_at_most) restart_log();
    else checkpoint_passively();
    pages_at_last_ = log_pages_;
}

void Checkpointer::checkpoint_passively()
{
    try {
        writer_.run("BEGIN IMMEDIATE");
        sqlite3_wal_checkpoint_v2(own_.handle(), nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
        writer_.run("ROLLBACK");
    } catch (const Failure& failure) {
        writer_.abandon();
        spdlog::warn("storage: checkpoint put off: {}", failure.what());
    }
}

void Checkpointer::restart_log()
{
    // Takes the write lock itself, and waits for readers (busy_timeout) until the log can begin anew.
    const int code = sqlite3_wal_checkpoint_v2(own_.handle(), nullptr, SQLITE_CHECKPOINT_RESTART, nullptr, nullptr);
    if (code != SQLITE_OK) spdlog::warn("storage: the log could not restart: {}", sqlite3_errstr(code));
}

} // namespace sportello::storage::sqlite
