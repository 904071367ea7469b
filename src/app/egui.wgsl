// Draws egui's triangles. Takes the place of the shader of bevy_egui 0.42, with the same bindings.
//
// egui mixes colours as they are encoded, and its fonts are drawn for that. The window's target mixes light. A colour made
// transparent is taken apart again here, and its share is chosen so that on the theme's ground the mixture is the one egui
// means; on other grounds it is close.

struct Transform {
    scale: vec2<f32>,
    translation: vec2<f32>,
}

struct Corner {
    @location(0) position: vec2<f32>,
    @location(1) uv: vec2<f32>,
    @location(2) color: vec4<f32>,
}

struct Pixel {
    @builtin(position) position: vec4<f32>,
    @location(0) color: vec4<f32>,
    @location(1) uv: vec2<f32>,
}

@group(0) @binding(0) var<uniform> transform: Transform;

#ifdef BINDLESS
@group(1) @binding(0) var textures: binding_array<texture_2d<f32>>;
@group(1) @binding(1) var samplers: binding_array<sampler>;

struct Slot {
    index: u32,
}
var<immediate> slot: Slot;
#else
@group(1) @binding(0) var texture: texture_2d<f32>;
@group(1) @binding(1) var texture_sampler: sampler;
#endif

// IEC 61966-2-1, both ways.
fn light(encoded: vec3<f32>) -> vec3<f32> {
    let low = encoded / 12.92;
    let high = pow((encoded + 0.055) / 1.055, vec3<f32>(2.4));
    return select(high, low, encoded < vec3<f32>(0.04045));
}

fn encode(light: vec3<f32>) -> vec3<f32> {
    let low = light * 12.92;
    let high = 1.055 * pow(light, vec3<f32>(1.0 / 2.4)) - 0.055;
    return select(high, low, light < vec3<f32>(0.0031308));
}

// How bright an encoded colour is, encoded (Rec. 601).
fn brightness(encoded: vec3<f32>) -> f32 {
    return dot(encoded, vec3<f32>(0.299, 0.587, 0.114));
}

@vertex
fn vs_main(corner: Corner) -> Pixel {
    let position = corner.position * transform.scale + transform.translation;
    return Pixel(vec4<f32>(position, 0.0, 1.0), corner.color, corner.uv);
}

@fragment
fn fs_main(pixel: Pixel) -> @location(0) vec4<f32> {
#ifdef BINDLESS
    let sampled = textureSample(textures[slot.index], samplers[slot.index], pixel.uv);
#else
    let sampled = textureSample(texture, texture_sampler, pixel.uv);
#endif
    let multiplied = vec4<f32>(encode(sampled.rgb), sampled.a) * pixel.color;
    let opacity = multiplied.a;
    if opacity <= 0.0 {
        // Light that is only added.
        return vec4<f32>(light(multiplied.rgb), 0.0);
    }
    let color = min(multiplied.rgb / opacity, vec3<f32>(1.0));
    let own = brightness(color);
    let mixture = light(vec3<f32>(mix(GROUND, own, opacity), GROUND, own));
    let reach = mixture.z - mixture.y;
    let exact = clamp((mixture.x - mixture.y) / reach, 0.0, 1.0);
    let share = select(opacity, exact, abs(reach) > 0.001);
    return vec4<f32>(light(color) * share, share);
}
