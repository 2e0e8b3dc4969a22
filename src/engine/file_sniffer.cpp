#include "file_sniffer.hpp"

#include <sportello/domain/file_kind.hpp>

#include <magic.h>

#include <algorithm>
#include <array>
#include <memory>

namespace sportello::engine {
namespace {

constexpr std::string_view nothing_special = "application/octet-stream";
constexpr std::size_t looked_at_bytes = 64 * 1024;

/// What goes out under its own name. No markup, no script, no archive that a browser or a desktop opens by itself.
constexpr std::array<std::string_view, 13> known{"application/pdf", "video/mp4",  "video/quicktime", "video/webm", "video/x-m4v",
                                                 "video/3gpp",      "audio/mpeg", "audio/ogg",       "audio/mp4",  "audio/x-m4a",
                                                 "audio/x-wav",     "audio/aac",  "video/ogg"};

struct Close {
    void operator()(magic_set* cookie) const { magic_close(cookie); }
};

} // namespace

std::string media_type_of(std::string_view bytes)
{
    // The four kinds that pages show are told by their signatures alone: no guess may make a picture of something else.
    if (const auto picture = domain::safe_image_type(bytes); !picture.empty()) return std::string(picture);
    static const std::unique_ptr<magic_set, Close> library = [] {
        std::unique_ptr<magic_set, Close> opened(magic_open(MAGIC_MIME_TYPE));
        if (opened && magic_load(opened.get(), nullptr) != 0) opened.reset();
        return opened;
    }();
    if (!library) return std::string(nothing_special);
    const char* found = magic_buffer(library.get(), bytes.data(), std::min(bytes.size(), looked_at_bytes));
    const std::string_view type = found ? found : nothing_special;
    return std::string(std::ranges::find(known, type) != known.end() ? type : nothing_special);
}

} // namespace sportello::engine
