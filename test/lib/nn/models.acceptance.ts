import { expect } from "chai";
import {
  cpu,
  defaultDevice,
  grad,
  hvp,
  nn,
  optim,
  random,
  withDevice,
  type Device,
  type Tensor,
} from "../../../lib";

/**
 * Every model, and inputs that are small for it. Weights of AlexNet and VGG take more than the 128 MiB that software
 * Vulkan allows for one tensor, so that these run on cpu.
 */
const cases: Record<keyof typeof nn.models, [nn.Module, number[], Device]> = {
  mlp: [nn.models.mlp([32, 10]), [2, 64], defaultDevice()],
  lenet: [nn.models.lenet(), [2, 1, 28, 28], defaultDevice()],
  resnet20Cifar: [nn.models.resnet20Cifar(), [2, 3, 16, 16], defaultDevice()],
  resnet18: [nn.models.resnet18(), [1, 3, 32, 32], defaultDevice()],
  resnet34: [nn.models.resnet34(), [1, 3, 32, 32], defaultDevice()],
  alexnet: [nn.models.alexnet(), [1, 3, 64, 64], cpu],
  vgg11: [nn.models.vgg11(), [1, 3, 32, 32], cpu],
  vgg16: [nn.models.vgg16(), [1, 3, 32, 32], cpu],
};

describe("models", () => {
  for (const [name, [model, shape, device]] of Object.entries(cases)) {
    it(`${name} runs forward and backward, and differentiated twice`, () =>
      withDevice(device, async () => {
        const { params, state } = model.init(random.key(0), shape);
        const x = random.normal(random.key(1), shape);
        const labels = Array.from({ length: shape[0] }, (_, i) => i);
        const loss = (p: typeof params): Tensor =>
          nn.loss.crossEntropy(model.apply({ params: p, state }, x).y, labels);
        const gradient = grad(loss)(params);
        const size = await optim.globalNorm(gradient).item();
        expect(size).to.be.greaterThan(0).and.below(Infinity);
        const curvature = optim.globalNorm(hvp(loss, params, gradient));
        expect(await curvature.item())
          .to.be.greaterThan(0)
          .and.below(Infinity);
      }));
  }
});
