#include "journal.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <sys/file.h>
#include <system_error>
#include <unistd.h>

namespace sportello::simulator {
using base::Error;
using base::ErrorKind;
using base::Result;
namespace {

Error cannot(const std::string& what, const std::string& path)
{
    return Error(ErrorKind::unavailable,
                 what + " " + path + ": " + std::strerror(errno) + ". Give another directory with --data, or mend its permissions.");
}

std::string read_all(int file)
{
    std::string text;
    char block[65536];
    for (ssize_t got = ::read(file, block, sizeof block); got > 0; got = ::read(file, block, sizeof block)) {
        text.append(block, static_cast<std::size_t>(got));
    }
    return text;
}

} // namespace

Journal::~Journal()
{
    if (file_ >= 0) ::close(file_);
}

Result<void> Journal::open(const std::string& directory, const std::function<Result<void>(std::string_view)>& replay)
{
    std::error_code failed;
    std::filesystem::create_directories(directory, failed);
    const auto path = directory + "/world.ndjson";
    file_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file_ < 0) return cannot("cannot open", path);
    if (::flock(file_, LOCK_EX | LOCK_NB) != 0) {
        return Error(ErrorKind::unavailable, path + " is in use by another simulator. Stop it, or give another directory with --data.");
    }
    const auto text = read_all(file_);
    std::size_t whole = 0;
    for (auto end = text.find('\n'); end != std::string::npos; end = text.find('\n', whole)) {
        if (auto done = replay(std::string_view(text).substr(whole, end - whole)); !done) { return done.error().while_doing(path); }
        whole = end + 1;
    }
    if (::ftruncate(file_, static_cast<off_t>(whole)) != 0 || ::lseek(file_, 0, SEEK_END) < 0) return cannot("cannot write", path);
    return {};
}

void Journal::append(std::string_view line)
{
    const auto text = std::string(line) + '\n';
    for (std::size_t done = 0; done < text.size();) {
        const auto wrote = ::write(file_, text.data() + done, text.size() - done);
        if (wrote < 0 && errno != EINTR) throw std::system_error(errno, std::generic_category(), "write the simulator's journal");
        if (wrote > 0) done += static_cast<std::size_t>(wrote);
    }
}

} // namespace sportello::simulator
