#include "graph_media.hpp"

#include <algorithm>

namespace sportello::simulator {
namespace {

std::string number_of(const Item& item, std::size_t at)
{
    return std::to_string(100'000'000'100'000 + item.media.size() * 1000 + at) + std::to_string(item.id.size());
}

/// Field expansion inside an attachment: only what was asked, at any depth.
ordered_json chosen(const ordered_json& whole, const std::vector<GraphField>& fields)
{
    if (fields.empty()) return whole;
    ordered_json part = ordered_json::object();
    for (const auto& field : fields) {
        const auto found = whole.find(field.name);
        if (found == whole.end()) continue;
        if (found->is_object() && found->contains("data")) {
            ordered_json rows = ordered_json::array();
            for (const auto& row : (*found)["data"]) rows.push_back(chosen(row, field.fields));
            part[field.shown_as()] = {{"data", rows}};
        } else {
            part[field.shown_as()] = *found;
        }
    }
    return part;
}

ordered_json attachment_of(const Item& item, std::size_t at)
{
    const auto& media = item.media[at];
    const auto id = number_of(item, at);
    const auto page = "https://www.facebook.com/photo.php?fbid=" + id + "&type=3";
    ordered_json out;
    if (media.type == "link") {
        out["title"] = media.name;
        out["media_type"] = "link";
        out["type"] = "share";
        out["unshimmed_url"] = media.url;
        out["url"] = "https://l.facebook.com/l.php?u=" + http::percent_encode(media.url) + "&h=AT0_SIGNATURE";
        return out;
    }
    const ordered_json picture{{"height", 403}, {"src", media.url}, {"width", 720}};
    out["media"] = {{"image", picture}};
    if (media.type == "video") out["media"]["source"] = media.url;
    out["target"] = {{"id", id}, {"url", page}};
    if (!media.name.empty()) out["title"] = media.name;
    out["media_type"] = media.type == "image" ? "photo" : media.type;
    out["type"] = media.type == "image" ? "photo" : media.type == "video" ? "video_inline" : media.type;
    out["url"] = page;
    return out;
}

ordered_json file_of(const Item& item, std::size_t at)
{
    const auto& media = item.media[at];
    ordered_json out{{"id", number_of(item, at)}};
    if (media.type == "image") {
        out["mime_type"] = "image/jpeg";
        out["name"] = media.name.empty() ? "image-" + number_of(item, at) : media.name;
        out["size"] = 54542;
        out["image_data"] = {{"width", 1920},    {"height", 1213},           {"max_width", 1920}, {"max_height", 1213},
                             {"url", media.url}, {"preview_url", media.url}, {"image_type", 1},   {"render_as_sticker", false}};
    } else if (media.type == "video") {
        out["mime_type"] = "video/mp4";
        out["name"] = media.name.empty() ? "video.mp4" : media.name;
        out["size"] = 1994148;
        out["video_data"] = {{"width", 960},    {"height", 544},    {"length", 11},
                             {"video_type", 1}, {"url", media.url}, {"preview_url", media.url},
                             {"rotation", 0}};
    } else {
        out["mime_type"] = media.type == "audio" ? "audio/mpeg" : "application/pdf";
        out["name"] = media.name.empty() ? media.type : media.name;
        out["size"] = 20480;
        out["file_url"] = media.url;
    }
    return out;
}

} // namespace

std::optional<ordered_json> comment_attachment(const Item& item)
{
    if (item.media.empty()) return std::nullopt;
    return attachment_of(item, 0);
}

std::optional<ordered_json> post_attachments(const Item& item, const std::vector<GraphField>& fields)
{
    if (item.media.empty()) return std::nullopt;
    ordered_json whole = attachment_of(item, 0);
    if (item.media.size() > 1) {
        whole["media_type"] = whole["type"] = "album";
        ordered_json parts = ordered_json::array();
        for (std::size_t at = 0; at < item.media.size(); ++at) parts.push_back(attachment_of(item, at));
        whole["subattachments"] = {{"data", parts}};
    }
    return ordered_json{{"data", ordered_json::array({chosen(whole, fields)})}};
}

std::optional<ordered_json> message_attachments(const GraphView& view, const Item& item)
{
    ordered_json data = ordered_json::array();
    for (std::size_t at = 0; at < item.media.size(); ++at) {
        if (item.media[at].type != "sticker" && item.media[at].type != "link") data.push_back(file_of(item, at));
    }
    if (data.empty()) return std::nullopt;
    ordered_json edge{{"data", data}};
    edge["paging"]["cursors"] = {{"before", "MAZDZD"}, {"after", "MAZDZD"}};
    edge["paging"]["next"] =
        view.base + "/" + item.id + "/attachments?access_token=" + http::percent_encode(view.token) + "&pretty=0&limit=25&after=MAZDZD";
    return edge;
}

std::string message_sticker(const Item& item)
{
    const auto found = std::ranges::find_if(item.media, [](const Media& media) { return media.type == "sticker"; });
    return found == item.media.end() ? std::string() : found->url;
}

std::optional<ordered_json> message_shares(const Item& item)
{
    ordered_json data = ordered_json::array();
    for (const auto& media : item.media) {
        if (media.type == "link") data.push_back({{"link", media.url}, {"name", media.name}, {"description", ""}});
    }
    if (data.empty()) return std::nullopt;
    return ordered_json{{"data", data}};
}

} // namespace sportello::simulator
