#pragma once

#include <algorithm>
#include <deque>
#include <string>
#include <string_view>

namespace sportello::simulator {

/// A file in a multipart body.
struct UploadedFile {
    std::string name;
    std::string media_type; ///< empty: the part named none
    std::string bytes;
};

/// The files that people and apps have sent, the newest of them, as long as the process lives.
class FileStore {
public:
    /// @param key  that no other file has, also none of an earlier process
    /// @return where it is served: "/media/x7Jd0aQ2b/modem.png"
    std::string put(const UploadedFile& file, const std::string& key, const std::string& encoded_name)
    {
        kept_.push_back({"/media/" + key + "/" + encoded_name, file});
        size_ += file.bytes.size();
        while (kept_.size() > 1 && (kept_.size() > most_files || size_ > most_bytes)) {
            size_ -= kept_.front().file.bytes.size();
            kept_.pop_front();
        }
        return kept_.back().path;
    }
    /// @param url  the path, or an address that ends with it; null when there is no such file
    [[nodiscard]] const UploadedFile* find(std::string_view url) const
    {
        const auto path = path_of(url);
        const auto found = std::ranges::find_if(kept_, [&](const Kept& one) { return one.path == path; });
        return found == kept_.end() ? nullptr : &found->file;
    }
    /// "/media/x/modem.png" of "http://127.0.0.1:8090/media/x/modem.png"
    [[nodiscard]] static std::string_view path_of(std::string_view url)
    {
        const auto scheme = url.find("://");
        if (scheme == std::string_view::npos) return url;
        return url.substr(std::min(url.size(), url.find('/', scheme + 3)));
    }

private:
    static constexpr std::size_t most_files = 200;
    static constexpr std::size_t most_bytes = std::size_t{64} * 1024 * 1024;
    struct Kept {
        std::string path;
        UploadedFile file;
    };
    std::deque<Kept> kept_;
    std::size_t size_ = 0;
};

} // namespace sportello::simulator
