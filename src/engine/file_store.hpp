#pragma once

#include <sportello/base/error.hpp>

#include <filesystem>
#include <string>
#include <string_view>

namespace sportello::engine {

/// Files under the digest of their bytes, so that the same file is kept once: FOLDER/ab/abcdef….
class FileStore {
public:
    explicit FileStore(std::filesystem::path folder) : folder_(std::move(folder)) {}

    /// On the disk, with its name, when this returns. @return the digest; unavailable when the disk does not take it.
    [[nodiscard]] base::Result<std::string> put(std::string_view bytes) const;
    /// @return not_found when it is not there, unavailable when it cannot be read or is not what its digest says.
    [[nodiscard]] base::Result<std::string> get(const std::string& digest) const;
    [[nodiscard]] bool has(const std::string& digest) const;
    void remove(const std::string& digest) const;

private:
    [[nodiscard]] std::filesystem::path place_of(const std::string& digest) const;

    std::filesystem::path folder_;
};

} // namespace sportello::engine
