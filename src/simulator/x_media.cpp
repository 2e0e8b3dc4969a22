#include "x_media.hpp"

#include "graph_input.hpp"
#include "ids.hpp"

#include <array>
#include <charconv>

namespace sportello::simulator {
using nlohmann::json;
namespace {

constexpr auto lives = std::chrono::hours(24);
constexpr auto video_work = std::chrono::seconds(2);
constexpr std::size_t megabyte = std::size_t{1024} * 1024;
constexpr std::array categories{"tweet_image", "tweet_gif", "tweet_video", "dm_image", "dm_gif", "dm_video", "amplify_video", "subtitles"};

GraphInput read_input(const XCall& call)
{
    try {
        return read_graph_input(call.request);
    } catch (const GraphFailure&) {
        throw x_problem(400, "Invalid Request", "The request body cannot be read.", "invalid-request");
    }
}

bool is_video(const XMedia& media)
{
    return media.category.find("video") != std::string::npos;
}

std::size_t limit_of(const std::string& category)
{
    if (category.find("gif") != std::string::npos) return 15 * megabyte;
    return (category.find("video") != std::string::npos ? 512 : 5) * megabyte;
}

/// The bytes of the part or member `media`: a part of the form, or base64 in JSON.
std::size_t size_of_media(const XCall& call, const GraphInput& input)
{
    if (const auto file = input.files.find("media"); file != input.files.end()) return file->second.bytes.size();
    const auto text = input.text("media");
    const bool parts = call.request.headers.find("Content-Type").value_or("").starts_with("multipart/");
    return parts ? text.size() : text.size() / 4 * 3;
}

XMedia& begin(const XCall& call, const std::string& type, std::string category, std::size_t size)
{
    if (category.empty()) category = type == "image/gif" ? "tweet_gif" : type.starts_with("video/") ? "tweet_video" : "tweet_image";
    if (std::ranges::find(categories, category) == categories.end()) {
        throw x_bad_parameter("media_category", category, "$.media_category: does not have a value in the enumeration");
    }
    if (size == 0) throw x_bad_parameter("media", "", "$.media: is missing but it is required");
    if (size > limit_of(category)) throw x_problem(400, "Bad Request", "File size exceeds the limit.");
    const auto now = call.house.clock.now();
    const auto id = snowflake(now, call.house.random.below(1 << 22));
    const char* prefix = type.starts_with("video/") ? "7_" : type == "image/gif" ? "16_" : "3_";
    XMedia media{id, prefix + id, type, category, {}, call.account(), 0, size, false, now, now + lives};
    return call.house.x.media[id] = std::move(media);
}

XMedia& find(const XCall& call, const std::string& id)
{
    const auto found = call.house.x.media.find(id);
    if (found == call.house.x.media.end() || found->second.account != call.account() || found->second.expires_at < call.house.clock.now()) {
        throw x_bad_parameter("id", id, "Media ID not found or expired");
    }
    return found->second;
}

ordered_json render(const XCall& call, const XMedia& media, bool with_size)
{
    const auto now = call.house.clock.now();
    ordered_json data{{"id", media.id}, {"media_key", media.key}};
    if (with_size) data["size"] = media.size;
    data["expires_after_secs"] = std::chrono::duration_cast<std::chrono::seconds>(media.expires_at - now).count();
    if (media.finished && is_video(media)) {
        ordered_json info{{"state", now >= media.ready_at ? "succeeded" : "pending"}};
        if (now < media.ready_at) info["check_after_secs"] = 1;
        if (now >= media.ready_at) info["progress_percent"] = 100;
        data["processing_info"] = std::move(info);
    }
    return data;
}

void finish(const XCall& call, XMedia& media)
{
    media.finished = true;
    media.ready_at = call.house.clock.now() + (is_video(media) ? Duration(video_work) : Duration::zero());
}

} // namespace

XAnswer x_upload(const XCall& call)
{
    const auto input = read_input(call);
    const auto type = input.text("media_type").empty() ? "image/jpeg" : input.text("media_type");
    if (type.starts_with("video/")) throw x_problem(400, "Bad Request", "Videos are uploaded in chunks.");
    const auto size = size_of_media(call, input);
    auto& media = begin(call, type, input.text("media_category"), size);
    media.size = size;
    finish(call, media);
    return {200, {{"data", render(call, media, true)}}};
}

XAnswer x_upload_initialize(const XCall& call)
{
    const auto input = read_input(call);
    std::size_t total = 0;
    const auto text = input.text("total_bytes");
    std::from_chars(text.data(), text.data() + text.size(), total);
    if (total == 0) throw x_bad_parameter("total_bytes", text, "$.total_bytes: must have a minimum value of 1");
    const auto& media = begin(call, input.text("media_type"), input.text("media_category"), total);
    return {200, {{"data", render(call, media, false)}}};
}

XAnswer x_upload_append(const XCall& call)
{
    auto& media = find(call, call.path.at(2));
    const auto input = read_input(call);
    if (input.text("segment_index").empty()) throw x_bad_parameter("segment_index", "", "$.segment_index: is missing but it is required");
    media.size += size_of_media(call, input);
    if (media.size > media.expected) throw x_problem(400, "Bad Request", "Segments exceed the announced total_bytes.");
    return {200, {{"data", {{"expires_at", base::to_micros(media.expires_at) / 1'000'000}}}}};
}

XAnswer x_upload_finalize(const XCall& call)
{
    auto& media = find(call, call.path.at(2));
    if (media.size != media.expected) throw x_problem(400, "Bad Request", "Segments do not add up to provided total file size.");
    finish(call, media);
    return {200, {{"data", render(call, media, true)}}};
}

XAnswer x_upload_status(const XCall& call)
{
    if (call.query("command") != "STATUS")
        throw x_bad_parameter("command", call.query("command"), "The `command` query parameter value is not one of [STATUS]");
    return {200, {{"data", render(call, find(call, call.query("media_id")), true)}}};
}

XAnswer x_media_metadata(const XCall& call)
{
    const auto body = json::parse(call.request.body, nullptr, false);
    if (!body.is_object() || !body.contains("id") || !body["id"].is_string())
        throw x_bad_parameter("id", "", "$.id: is missing but it is required");
    auto& media = find(call, body["id"]);
    media.alt_text = body.value("/metadata/alt_text/text"_json_pointer, "");
    return {200, {{"data", {{"id", media.id}, {"associated_metadata", {{"alt_text", {{"text", media.alt_text}}}}}}}}};
}

std::vector<Media> take_x_media(const XCall& call, const std::vector<std::string>& ids, bool direct)
{
    std::vector<Media> hung;
    for (const auto& id : ids) {
        const auto found = call.house.x.media.find(id);
        const auto now = call.house.clock.now();
        const bool usable = found != call.house.x.media.end() && found->second.account == call.account() && found->second.finished &&
                            found->second.ready_at <= now && found->second.expires_at > now &&
                            found->second.category.starts_with("dm_") == direct;
        if (!usable) throw x_problem(400, "Invalid Request", "Your media IDs are invalid.", "invalid-request");
        const auto& media = found->second;
        const std::string type = media.type.starts_with("video/") || media.type == "image/gif" ? "video" : "image";
        hung.push_back({type, "https://pbs.twimg.com/media/" + id + (type == "image" ? ".jpg" : ".mp4"), media.alt_text});
    }
    return hung;
}

XMediaRow x_media_row(const Item& item, std::size_t index)
{
    const auto& media = item.media.at(index);
    const bool photo = media.type == "image" || media.type == "sticker";
    // An upload's own id stands in its address; what the control API brought has one made of the post's.
    constexpr std::string_view ours = "https://pbs.twimg.com/media/";
    auto id = media.url.starts_with(ours) ? media.url.substr(ours.size(), media.url.rfind('.') - ours.size()) : std::string();
    if (!is_numeric_id(id)) id = item.id + std::to_string(index);
    XMediaRow row;
    row.key = (photo ? "3_" : "7_") + id;
    row.body = {{"media_key", row.key}, {"type", photo ? "photo" : "video"}};
    if (photo) {
        row.body["url"] = media.url;
    } else {
        row.body["preview_image_url"] = "https://pbs.twimg.com/preview/" + id + ".jpg";
        row.body["duration_ms"] = 1000;
        row.body["variants"] = ordered_json::array({{{"bit_rate", 632000}, {"content_type", "video/mp4"}, {"url", media.url}}});
    }
    row.body["width"] = 1200;
    row.body["height"] = 800;
    if (!media.name.empty()) row.body["alt_text"] = media.name;
    return row;
}

} // namespace sportello::simulator
