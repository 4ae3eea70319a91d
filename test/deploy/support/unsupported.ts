/**
 * Resources of template.yaml that MiniStack 1.5.33 refuses. AWS has metric math:
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudwatch-alarm.html
 */
export const UNSUPPORTED_RESOURCES = ['FaultShareAlarm'];
