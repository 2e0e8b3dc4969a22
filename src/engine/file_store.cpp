#include "file_store.hpp"

#include <sportello/base/digest.hpp>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace sportello::engine {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

constexpr mode_t for_owner = S_IRUSR | S_IWUSR;
constexpr std::size_t digest_length = 64;

Error disk_error(const std::string& doing)
{
    return Error(ErrorKind::unavailable, doing + ": " + std::strerror(errno));
}

bool write_all(int file, std::string_view bytes)
{
    while (!bytes.empty()) {
        const ssize_t written = write(file, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

/// A name is on the disk only when its folder is.
bool sync_folder(const std::filesystem::path& folder)
{
    const int handle = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (handle < 0) return false;
    const bool synced = fsync(handle) == 0;
    close(handle);
    return synced;
}

} // namespace

std::filesystem::path FileStore::place_of(const std::string& digest) const
{
    return folder_ / digest.substr(0, 2) / digest;
}

Result<std::string> FileStore::put(std::string_view bytes) const
{
    const std::string digest = base::sha256_hex(bytes);
    const std::filesystem::path place = place_of(digest);
    std::error_code failed;
    if (std::filesystem::file_size(place, failed) == bytes.size() && !failed) return digest;
    std::filesystem::create_directories(place.parent_path(), failed);
    if (failed) return Error(ErrorKind::unavailable, "make " + place.parent_path().string() + ": " + failed.message());
    std::string aside = place.string() + ".XXXXXX";
    const int file = mkostemp(aside.data(), O_CLOEXEC);
    if (file < 0) return disk_error("make a file in " + place.parent_path().string());
    const bool written = fchmod(file, for_owner) == 0 && write_all(file, bytes) && fsync(file) == 0;
    if (close(file) != 0 || !written || std::rename(aside.c_str(), place.c_str()) != 0) {
        const auto error = disk_error("keep a file");
        unlink(aside.c_str());
        return error;
    }
    if (!sync_folder(place.parent_path()) || !sync_folder(folder_)) return disk_error("keep a file");
    return digest;
}

Result<std::string> FileStore::get(const std::string& digest) const
{
    if (digest.size() != digest_length || digest.find_first_not_of("0123456789abcdef") != std::string::npos)
        return Error(ErrorKind::not_found, "the file is not kept any more");
    std::ifstream file(place_of(digest), std::ios::binary);
    if (!file) return Error(ErrorKind::not_found, "the file is not there");
    std::string bytes{std::istreambuf_iterator<char>(file), {}};
    if (base::sha256_hex(bytes) != digest) return Error(ErrorKind::not_found, "the file is damaged");
    return bytes;
}

bool FileStore::has(const std::string& digest) const
{
    std::error_code failed;
    return std::filesystem::exists(place_of(digest), failed);
}

void FileStore::remove(const std::string& digest) const
{
    if (digest.size() != digest_length) return;
    std::error_code ignored;
    std::filesystem::remove(place_of(digest), ignored);
}

} // namespace sportello::engine
