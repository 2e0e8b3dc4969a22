#pragma once

#include "graph_input.hpp"

#include <map>

namespace sportello::simulator {

/// A call that changes something, in the name of a Page.
struct GraphWrite {
    House& house;
    const GraphView& view; ///< `page` is there
    const GraphInput& input;
    std::map<std::string, Media>& uploads; ///< stored attachments by their ids

    [[nodiscard]] std::size_t page() const { return *view.page; }
};

/// Comment, edit, hide, like, post, delete.
/// @param path  behind the version: {"104_9", "comments"}
[[nodiscard]] ordered_json graph_post(const GraphWrite& call, const std::vector<std::string>& path);
[[nodiscard]] ordered_json graph_delete(const GraphWrite& call, const std::vector<std::string>& path);
/// Messenger's Send API. @return {"recipient_id", "message_id"}
[[nodiscard]] ordered_json send_message(const GraphWrite& call);
/// Stores an attachment for later. @return {"attachment_id"}
[[nodiscard]] ordered_json store_attachment(const GraphWrite& call);

// Shared by both.

/// Something new of the Page itself, through the API.
[[nodiscard]] NewItem by_page(const GraphWrite& call, Kind kind, std::string text);
/// @return the new id
[[nodiscard]] std::string write_item(const GraphWrite& call, const NewItem& item);
/// The file of a call as something that hangs at an item. @throw GraphFailure as the platform refuses files
[[nodiscard]] Media media_of(const GraphWrite& call, const UploadedFile& file);
/// Keeps an attachment for a later call. @return its id
[[nodiscard]] std::string keep_upload(const GraphWrite& call, const Media& media);
/// Keeps a file and tells where it is. @param origin  "http://127.0.0.1:8090"
[[nodiscard]] Media stored_media(House& house, const UploadedFile& file, const std::string& origin);
/// What lies at an address. @throw GraphFailure when the platform would not fetch it
[[nodiscard]] Media fetched(const std::string& type, const std::string& url);

} // namespace sportello::simulator
