export { alexnet, vgg11, vgg16 } from "./plain";
export { resnet18, resnet20Cifar, resnet34 } from "./resnet";
export { lenet, mlp, type MlpOptions } from "./small";
export type { ModelOptions } from "./options";
