#pragma once

#include <sportello/base/error.hpp>

#include <filesystem>

namespace sportello::storage::sqlite {

/// The right to be the one server of a database file: a lock that the kernel takes back when the process ends, on a file
/// beside the database (closing a second descriptor of the database itself would drop SQLite's own locks).
class LockFile {
public:
    LockFile() = default;
    LockFile(LockFile&& other) noexcept;
    LockFile& operator=(LockFile&& other) noexcept;
    ~LockFile();

    /// @return conflict, naming the process, when another holds it; unavailable when the file cannot be made.
    static base::Result<LockFile> acquire(const std::filesystem::path& path);

private:
    explicit LockFile(int descriptor) : descriptor_(descriptor) {}
    int descriptor_ = -1;
};

} // namespace sportello::storage::sqlite
