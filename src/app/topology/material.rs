//! The one material of the three meshes.

use bevy::asset::Asset;
use bevy::math::{Vec2, Vec4};
use bevy::mesh::{MeshVertexAttribute, MeshVertexBufferLayoutRef};
use bevy::reflect::TypePath;
use bevy::render::render_resource::{
    AsBindGroup, RenderPipelineDescriptor, ShaderType, SpecializedMeshPipelineError, VertexFormat,
};
use bevy::shader::ShaderRef;
use bevy::sprite_render::{AlphaMode2d, Material2d, Material2dKey};

/// First vector of a vertex; see the shader for what it holds in which mesh.
pub(super) const A: MeshVertexAttribute =
    MeshVertexAttribute::new("TopologyA", 640_118_201, VertexFormat::Float32x4);
/// Second vector of a vertex.
pub(super) const B: MeshVertexAttribute =
    MeshVertexAttribute::new("TopologyB", 640_118_202, VertexFormat::Float32x4);
/// Colour of a vertex, sRGB with straight alpha.
pub(super) const COLOR: MeshVertexAttribute =
    MeshVertexAttribute::new("TopologyColor", 640_118_203, VertexFormat::Unorm8x4);

/// Which mesh a material draws.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Layer {
    /// Lanes and calls.
    Edges,
    /// Components.
    Nodes,
    /// A sample of requests.
    Particles,
}

/// What the shader needs to know of a frame; colours are linear. Field order is the shader's.
#[derive(Clone, Copy, Debug, Default, PartialEq, ShaderType)]
pub(super) struct Frame {
    pub clip: Vec4,
    pub surface: Vec4,
    pub line: Vec4,
    pub failing: Vec4,
    pub accent: Vec4,
    pub alternative: Vec4,
    pub screen: Vec2,
    pub time: f32,
    pub alpha: f32,
}

/// Material of one of the meshes.
#[derive(Asset, TypePath, AsBindGroup, Clone, Debug)]
#[bind_group_data(Layer)]
pub(super) struct TopologyMaterial {
    #[uniform(0)]
    pub frame: Frame,
    pub layer: Layer,
}

impl From<&TopologyMaterial> for Layer {
    fn from(material: &TopologyMaterial) -> Self {
        material.layer
    }
}

/// Where the shader is embedded.
const SHADER: &str = "embedded://brownout/app/topology/topology.wgsl";

impl Material2d for TopologyMaterial {
    fn vertex_shader() -> ShaderRef {
        SHADER.into()
    }

    fn fragment_shader() -> ShaderRef {
        SHADER.into()
    }

    fn alpha_mode(&self) -> AlphaMode2d {
        AlphaMode2d::Blend
    }

    fn specialize(
        descriptor: &mut RenderPipelineDescriptor,
        layout: &MeshVertexBufferLayoutRef,
        key: Material2dKey<Self>,
    ) -> Result<(), SpecializedMeshPipelineError> {
        let define = match key.bind_group_data {
            Layer::Edges => "EDGES",
            Layer::Nodes => "NODES",
            Layer::Particles => "PARTICLES",
        };
        descriptor.vertex.shader_defs.push(define.into());
        if let Some(fragment) = &mut descriptor.fragment {
            fragment.shader_defs.push(define.into());
        }
        let attributes = [
            A.at_shader_location(0),
            B.at_shader_location(1),
            COLOR.at_shader_location(2),
        ];
        descriptor.vertex.buffers = vec![layout.0.get_layout(&attributes)?];
        Ok(())
    }
}
