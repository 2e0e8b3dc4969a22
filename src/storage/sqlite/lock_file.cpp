#include "lock_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

namespace sportello::storage::sqlite {
namespace {

std::string owner_written_in(int descriptor)
{
    char bytes[32] = {};
    const ssize_t length = pread(descriptor, bytes, sizeof bytes - 1, 0);
    return length > 0 ? "process " + std::string(bytes, static_cast<std::size_t>(length)) : "another process";
}

void write_owner(int descriptor)
{
    const std::string pid = std::to_string(getpid());
    // Only for the message above: nothing depends on it.
    if (ftruncate(descriptor, 0) != 0 || pwrite(descriptor, pid.data(), pid.size(), 0) < 0) return;
}

} // namespace

LockFile::LockFile(LockFile&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

LockFile& LockFile::operator=(LockFile&& other) noexcept
{
    std::swap(descriptor_, other.descriptor_);
    return *this;
}

LockFile::~LockFile()
{
    if (descriptor_ >= 0) close(descriptor_);
}

base::Result<LockFile> LockFile::acquire(const std::filesystem::path& path)
{
    LockFile lock(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (lock.descriptor_ < 0) {
        return base::Error(base::ErrorKind::unavailable, "cannot write " + path.string() + " (" + std::strerror(errno) +
                                                             "): give the directory to the server's user, or change storage.url");
    }
    if (flock(lock.descriptor_, LOCK_EX | LOCK_NB) != 0) {
        return base::Error(base::ErrorKind::conflict, "is already served by " + owner_written_in(lock.descriptor_) +
                                                          ": stop that server first, or choose another storage.url");
    }
    write_owner(lock.descriptor_);
    return lock;
}

} // namespace sportello::storage::sqlite
