// Checks CloudFormation templates with cdk-nag's AwsSolutions and Serverless
// packs: node nag.js TEMPLATE... Each finding must be explained in the resource's
// own metadata (infra's accept writes it there), and each explanation must
// explain a finding; otherwise it prints what is wrong and exits 1.
// With --count it prints how many different rules a template breaks.
'use strict';
const { App, CfnResource, Stack } = require('aws-cdk-lib');
const { CfnInclude } = require('aws-cdk-lib/cloudformation-include');
const { AwsSolutionsChecks, ServerlessChecks } = require('cdk-nag');

// check returns findings and explanations, each as "LogicalId rule".
function check(templateFile) {
  const stack = new Stack(new App(), 'Checked');
  const template = new CfnInclude(stack, 'Template', { templateFile });
  const idOf = new Map();
  const explained = new Map();
  for (const node of template.node.findAll().filter(CfnResource.isCfnResource)) {
    const id = stack.resolve(node.logicalId);
    idOf.set(node.node.path, id);
    for (const { id: rule, reason } of node.getMetadata('cdk_nag')?.rules_to_suppress ?? []) {
      explained.set(`${id} ${rule}`, reason);
    }
  }
  const found = new Map();
  for (const pack of [new AwsSolutionsChecks(), new ServerlessChecks()]) {
    for (const violation of pack.validateScope(stack).violations) {
      for (const { constructPath } of violation.violatingResources) {
        found.set(`${idOf.get(constructPath)} ${violation.ruleName}`, violation.description);
      }
    }
  }
  return { found, explained };
}

const counting = process.argv[2] === '--count';
const templates = process.argv.slice(counting ? 3 : 2);
if (templates.length === 0) {
  console.error('nag: name a template');
  process.exit(1);
}
if (counting) {
  const { found } = check(templates[0]);
  console.log(new Set([...found.keys()].map((k) => k.split(' ')[1].replace(/\[.*/, ''))).size);
} else {
  for (const file of templates) {
    const { found, explained } = check(file);
    for (const [finding, description] of found) {
      if (!explained.get(finding)) {
        console.error(`${file}: ${finding}: ${description}`);
        process.exitCode = 1;
      }
    }
    for (const explanation of explained.keys()) {
      if (!found.has(explanation)) {
        console.error(`${file}: ${explanation} is explained but not found`);
        process.exitCode = 1;
      }
    }
  }
}
