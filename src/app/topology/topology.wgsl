// The live topology in three meshes: EDGES (lanes and calls), NODES (components), PARTICLES (a sample of requests).
// All coordinates are points of the window, y downwards; the vertex shader moves particles along their edge by the clock.

#ifdef SRGB_OUTPUT
#import bevy_render::color_operations::linear_to_srgb
#endif

struct Frame {
    // Left, top, right, bottom of the area drawn in.
    clip: vec4<f32>,
    // Colours of discs and of what is not lit, linear.
    surface: vec4<f32>,
    line: vec4<f32>,
    failing: vec4<f32>,
    accent: vec4<f32>,
    alternative: vec4<f32>,
    // Size of the window.
    screen: vec2<f32>,
    // Seconds since the rolling epoch.
    time: f32,
    // Opacity of everything.
    alpha: f32,
};

@group(#{MATERIAL_BIND_GROUP}) @binding(0) var<uniform> frame: Frame;

struct Vertex {
    @location(0) a: vec4<f32>,
    @location(1) b: vec4<f32>,
    @location(2) color: vec4<f32>,
};

struct Varying {
    @builtin(position) position: vec4<f32>,
    @location(0) color: vec4<f32>,
    @location(1) local: vec2<f32>,
    @location(2) b: vec4<f32>,
    @location(3) point: vec2<f32>,
};

fn to_clip(point: vec2<f32>) -> vec4<f32> {
    return vec4<f32>(point.x / frame.screen.x * 2.0 - 1.0, 1.0 - point.y / frame.screen.y * 2.0, 0.5, 1.0);
}

fn to_linear(srgb: vec3<f32>) -> vec3<f32> {
    let low = srgb / 12.92;
    let high = pow((srgb + vec3<f32>(0.055)) / 1.055, vec3<f32>(2.4));
    return select(high, low, srgb <= vec3<f32>(0.04045));
}

// A curve leaves its left end and reaches its right end level, so that curves that follow each other join smoothly.
fn along(edge: vec4<f32>, t: f32) -> vec2<f32> {
    let reach = vec2<f32>(max(abs(edge.z - edge.x) * 0.5, 18.0), 0.0);
    let one = edge.xy + reach;
    let two = edge.zw - reach;
    let s = 1.0 - t;
    return s * s * s * edge.xy + 3.0 * s * s * t * one + 3.0 * s * t * t * two + t * t * t * edge.zw;
}

fn normal(edge: vec4<f32>, t: f32) -> vec2<f32> {
    let direction = along(edge, min(t + 0.01, 1.0)) - along(edge, max(t - 0.01, 0.0));
    return normalize(vec2<f32>(-direction.y, direction.x) + vec2<f32>(0.0, 1e-5));
}

fn corner(index: f32) -> vec2<f32> {
    return vec2<f32>(select(-1.0, 1.0, index == 1.0 || index == 3.0), select(-1.0, 1.0, index >= 2.0));
}

@vertex
fn vertex(in: Vertex) -> Varying {
    var out: Varying;
    out.b = in.b;
    out.color = vec4<f32>(to_linear(in.color.rgb), in.color.a);
    out.local = vec2<f32>(0.0);
#ifdef EDGES
    if in.b.w > 0.5 {
        // A lane: a = left, top, right, bottom; b.x = corner.
        let half = (in.a.zw - in.a.xy) * 0.5;
        out.local = corner(in.b.x) * half;
        out.b = vec4<f32>(half, 0.0, in.b.w);
        out.point = in.a.xy + half + out.local;
    } else {
        // A curve of a call: a = from and to; b = how far along, which side, half its width.
        let reach = in.b.z + 1.0;
        out.local = vec2<f32>(in.b.x, in.b.y * reach);
        out.point = along(in.a, in.b.x) + normal(in.a, in.b.x) * in.b.y * reach;
    }
#endif
#ifdef NODES
    // a = centre, radius, corner; b = error share, saturation, shape of the sign + 8 × outline, flags.
    let reach = in.a.z + 10.0;
    out.local = corner(in.a.w) * reach;
    out.point = in.a.xy + out.local;
    out.color.a = in.a.z;
#endif
#ifdef PARTICLES
    // a = from and to of a curve; b = departure, duration, offset from the edge's middle, corner + 4 if the curve begins at
    // the caller + 8 if it ends at the callee.
    let t = (frame.time - in.b.x) / max(in.b.y, 0.001);
    if t < 0.0 || t > 1.0 {
        out.point = vec2<f32>(-10000.0);
    } else {
        let reach = 4.5;
        let ends = floor(in.b.w / 4.0);
        out.local = corner(in.b.w - ends * 4.0) * reach;
        out.point = along(in.a, t) + normal(in.a, t) * in.b.z + out.local;
        // Fades in and out at the ends of the way, so that dots do not pop.
        let begins = ends == 1.0 || ends == 3.0;
        let fade_in = select(1.0, smoothstep(0.0, 0.04, t), begins);
        let fade_out = select(1.0, smoothstep(1.0, 0.96, t), ends >= 2.0);
        out.color.a = in.color.a * fade_in * fade_out;
    }
#endif
    out.position = to_clip(out.point);
    return out;
}

fn box_distance(at: vec2<f32>, half: vec2<f32>, radius: f32) -> f32 {
    let q = abs(at) - half + vec2<f32>(radius);
    return length(max(q, vec2<f32>(0.0))) + min(max(q.x, q.y), 0.0) - radius;
}

fn hexagon_distance(at: vec2<f32>, radius: f32) -> f32 {
    let k = vec3<f32>(-0.8660254, 0.5, 0.57735);
    var p = abs(at.yx);
    p = p - 2.0 * min(dot(k.xy, p), 0.0) * k.xy;
    p = p - vec2<f32>(clamp(p.x, -k.z * radius, k.z * radius), radius);
    return length(p) * sign(p.y);
}

fn over(below: vec4<f32>, color: vec3<f32>, alpha: f32) -> vec4<f32> {
    let a = alpha + below.a * (1.0 - alpha);
    return vec4<f32>((color * alpha + below.rgb * below.a * (1.0 - alpha)) / max(a, 1e-4), a);
}

fn cover(distance: f32) -> f32 {
    return clamp(0.5 - distance, 0.0, 1.0);
}

// ● 0, ◆ 1, ▲ 2, ▨ 3, people 4.
fn sign_distance(shape: f32, at: vec2<f32>, size: f32) -> f32 {
    if shape < 0.5 {
        return length(at) - size * 0.72;
    }
    if shape < 1.5 {
        return (abs(at.x) + abs(at.y) - size * 1.15) * 0.7071;
    }
    if shape < 2.5 {
        let p = vec2<f32>(abs(at.x), at.y + size * 0.1);
        return max(dot(p, vec2<f32>(0.8660254, -0.5)) - size * 0.55, p.y - size * 0.75);
    }
    if shape < 3.5 {
        let stripes = abs(fract((at.x + at.y) / 4.0) - 0.5) * 4.0 - 1.0;
        return max(box_distance(at, vec2<f32>(size * 0.9), 1.0), stripes * 0.7);
    }
    let head = length(at - vec2<f32>(0.0, -size * 0.55)) - size * 0.45;
    let body = max(length(at - vec2<f32>(0.0, size * 0.95)) - size * 0.95, at.y - size * 0.8);
    return min(head, body);
}

fn node(local: vec2<f32>, b: vec4<f32>, radius: f32, health: vec3<f32>) -> vec4<f32> {
    let outline = floor(b.z / 8.0);
    let shape = b.z - outline * 8.0;
    let selected = b.w == 1.0 || b.w == 3.0;
    let rolling = b.w >= 2.0;
    var d = length(local) - radius;
    if outline == 1.0 {
        d = hexagon_distance(local, radius * 0.96);
    } else if outline == 2.0 {
        d = box_distance(local, vec2<f32>(radius * 0.9), radius * 0.3);
    }
    let people = shape > 3.5;
    let angle = fract(atan2(local.x, -local.y) / 6.2831853 + 1.0);
    // Disc, workers in use as a level, ring, share of errors on the ring, sign.
    var out = vec4<f32>(frame.surface.rgb, cover(d - 0.5));
    let level = cover(radius * (1.0 - 2.0 * b.y) - local.y) * cover(d + 3.0) * step(0.001, b.y);
    out = over(out, health, level * 0.30);
    let ring = cover(abs(d + 1.0) - 1.3);
    let troubled = shape > 0.5 && shape < 2.5;
    let base = mix(health, frame.line.rgb, select(0.12, 0.62, troubled));
    out = over(out, base, ring * select(1.0, 0.8, people));
    let share = select(0.0, max(b.x, 0.04), b.x > 0.002);
    out = over(out, frame.failing.rgb, cover(abs(d + 1.0) - 1.7) * step(angle, share));
    let size = select(radius * 0.36, radius * 0.46, shape > 0.5);
    out = over(out, health, cover(sign_distance(shape, local, size)));
    if rolling {
        let dash = step(0.5, fract(angle * 12.0));
        out = over(out, frame.alternative.rgb, cover(abs(d - 3.5) - 0.8) * dash);
    }
    if selected {
        let dash = step(0.4, fract(angle * 20.0));
        out = over(out, frame.accent.rgb, cover(abs(d - 4.5) - 0.8) * dash);
    }
    return out;
}

@fragment
fn fragment(in: Varying) -> @location(0) vec4<f32> {
    if in.point.x < frame.clip.x || in.point.y < frame.clip.y || in.point.x > frame.clip.z || in.point.y > frame.clip.w {
        discard;
    }
    var color = in.color;
#ifdef EDGES
    if in.b.w > 1.5 {
        // Ground of the whole area: a fine grid of dots, brighter towards the middle.
        let cell = abs(fract(in.point / 24.0) - 0.5) * 24.0;
        let dot = cover(length(vec2<f32>(12.0) - cell) - 0.9);
        let far = length(in.local / in.b.xy);
        color = vec4<f32>(in.color.rgb, in.color.a * dot * (1.0 - 0.7 * clamp(far, 0.0, 1.0)));
    } else if in.b.w > 0.5 {
        let d = box_distance(in.local, in.b.xy - vec2<f32>(1.0), 10.0);
        let border = cover(abs(d) - 0.6);
        color = over(vec4<f32>(frame.surface.rgb, cover(d) * 0.72), in.color.rgb, border * in.color.a);
    } else {
        color.a = color.a * cover(abs(in.local.y) - in.b.z);
    }
#endif
#ifdef NODES
    color = node(in.local, in.b, in.color.a, in.color.rgb);
#endif
#ifdef PARTICLES
    let d = length(in.local);
    let core = cover(d - 1.5);
    let glow = 0.30 * pow(clamp(1.0 - d / 4.5, 0.0, 1.0), 2.0);
    color.a = color.a * max(core, glow);
#endif
    color.a = color.a * frame.alpha;
#ifdef SRGB_OUTPUT
    color = vec4<f32>(linear_to_srgb(color.rgb), color.a);
#endif
    return color;
}
