//! The service itself, and its methods that are not about managed resources.

use tonic::{Request, Response, Status};

use super::outcome::{Knowledge, Reporting, mend, only, seal};
use super::{Answer, Rpc, Typed, decode, encode};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::proto::tfplugin6::{self as wire, provider_server};
use crate::provider::{
    CallFunction, ClientCapabilities, Configure, FunctionError, HeldEphemeral, OpenEphemeral,
    Provider, ReadDataSource, ValidateProvider, ValidateResource,
};

impl From<Option<wire::ClientCapabilities>> for ClientCapabilities {
    fn from(sent: Option<wire::ClientCapabilities>) -> ClientCapabilities {
        ClientCapabilities {
            write_only_attributes: sent.is_some_and(|sent| sent.write_only_attributes_allowed),
        }
    }
}

impl<P: Provider> Rpc<P> {
    async fn validate_provider(
        &self,
        request: wire::validate_provider_config::Request,
    ) -> Answer<Diagnostics> {
        let config = decode(
            request.config.as_ref(),
            &self.catalog()?.provider.ty,
            "a provider configuration",
        )?;
        let request = ValidateProvider {
            config,
            cancel: self.cancel(),
        };
        let doing = "validating the provider's configuration".to_owned();
        Ok(self
            .call(doing, |provider| async move {
                provider.validate_provider(request).await
            })
            .await?)
    }

    async fn configure(&self, request: wire::configure_provider::Request) -> Answer<Diagnostics> {
        // Every run begins so, also one that attaches to a process which another one has been interrupted in.
        self.cancel.rearm();
        let config = decode(
            request.config.as_ref(),
            &self.catalog()?.provider.ty,
            "a provider configuration",
        )?;
        let request = Configure {
            terraform_version: request.terraform_version,
            config,
            cancel: self.cancel(),
        };
        let doing = "configuring the provider".to_owned();
        Ok(self
            .call(doing, |provider| async move {
                provider.configure(request).await
            })
            .await?)
    }

    fn validation(
        &self,
        typed: &Typed,
        type_name: String,
        config: Option<&wire::DynamicValue>,
        capabilities: ClientCapabilities,
    ) -> Answer<(String, ValidateResource)> {
        let config = decode(config, &typed.ty, "a configuration")?;
        let doing = format!("validating {type_name}");
        Ok((
            doing,
            ValidateResource {
                type_name,
                config,
                capabilities,
                cancel: self.cancel(),
            },
        ))
    }

    async fn validate_resource(
        &self,
        request: wire::validate_resource_config::Request,
    ) -> Answer<Diagnostics> {
        let typed = self.catalog()?.resource(&request.type_name)?;
        let capabilities = request.client_capabilities.into();
        let (doing, request) = self.validation(
            typed,
            request.type_name,
            request.config.as_ref(),
            capabilities,
        )?;
        Ok(self
            .call(doing, |provider| async move {
                provider.validate_resource(request).await
            })
            .await?)
    }

    async fn validate_data(
        &self,
        request: wire::validate_data_resource_config::Request,
    ) -> Answer<Diagnostics> {
        let typed = self.catalog()?.data_source(&request.type_name)?;
        let capabilities = ClientCapabilities::default();
        let (doing, request) = self.validation(
            typed,
            request.type_name,
            request.config.as_ref(),
            capabilities,
        )?;
        Ok(self
            .call(doing, |provider| async move {
                provider.validate_data_source(request).await
            })
            .await?)
    }

    async fn validate_ephemeral(
        &self,
        request: wire::validate_ephemeral_resource_config::Request,
    ) -> Answer<Diagnostics> {
        let typed = self.catalog()?.ephemeral(&request.type_name)?;
        let capabilities = ClientCapabilities::default();
        let (doing, request) = self.validation(
            typed,
            request.type_name,
            request.config.as_ref(),
            capabilities,
        )?;
        Ok(self
            .call(doing, |provider| async move {
                provider.validate_ephemeral(request).await
            })
            .await?)
    }

    async fn read_data(
        &self,
        request: wire::read_data_source::Request,
    ) -> Answer<wire::read_data_source::Response> {
        let typed = self.catalog()?.data_source(&request.type_name)?;
        let doing = format!("reading data source {}", request.type_name);
        let config = decode(request.config.as_ref(), &typed.ty, "a configuration")?;
        let request = ReadDataSource {
            type_name: request.type_name,
            config,
            cancel: self.cancel(),
        };
        let mut read = self
            .call(doing, |provider| async move {
                provider.read_data_source(request).await
            })
            .await?;
        let state = seal(
            read.state,
            typed,
            Knowledge::Whole,
            "a state",
            &mut read.diagnostics,
        );
        Ok(wire::read_data_source::Response {
            state: Some(state),
            diagnostics: read.diagnostics.to_wire(),
        })
    }

    async fn function(
        &self,
        request: wire::call_function::Request,
    ) -> Result<wire::DynamicValue, FunctionError> {
        let failed = |diagnostic: Diagnostic, argument: Option<usize>| FunctionError {
            text: format!("{}: {}", diagnostic.summary, diagnostic.detail),
            argument,
        };
        let catalog = self
            .catalog()
            .map_err(|diagnostic| failed(diagnostic, None))?;
        let Some(function) = catalog.schema.functions.get(&request.name) else {
            return Err(FunctionError {
                text: format!("This provider has no function {}.", request.name),
                argument: None,
            });
        };
        let mut arguments = Vec::with_capacity(request.arguments.len());
        for (index, argument) in request.arguments.iter().enumerate() {
            let Some(parameter) = function
                .parameters
                .get(index)
                .or(function.variadic.as_ref())
            else {
                return Err(FunctionError {
                    text: "There are too many arguments.".into(),
                    argument: Some(index),
                });
            };
            let argument = decode(Some(argument), &parameter.ty, "an argument");
            arguments.push(argument.map_err(|diagnostic| failed(diagnostic, Some(index)))?);
        }
        if arguments.len() < function.parameters.len() {
            return Err(FunctionError {
                text: "There are too few arguments.".into(),
                argument: None,
            });
        }
        let doing = format!("calling {}", request.name);
        let request = CallFunction {
            name: request.name,
            arguments,
        };
        let called = self
            .call(doing, |provider| async move {
                provider.call_function(request).await
            })
            .await;
        let result = called.map_err(|crash| failed(crash, None))??;
        encode(&result, &function.returns).map_err(|error| FunctionError {
            text: format!("The provider returned a result that doesn't fit its schema: {error}. It is a bug; please report it."),
            argument: None,
        })
    }

    async fn open(
        &self,
        request: wire::open_ephemeral_resource::Request,
    ) -> Answer<wire::open_ephemeral_resource::Response> {
        let typed = self.catalog()?.ephemeral(&request.type_name)?;
        let doing = format!("opening {}", request.type_name);
        let config = decode(request.config.as_ref(), &typed.ty, "a configuration")?;
        let request = OpenEphemeral {
            type_name: request.type_name,
            config,
            cancel: self.cancel(),
        };
        let mut opened = self
            .call(doing, |provider| async move {
                provider.open_ephemeral(request).await
            })
            .await?;
        // What is open has to be closed even when its result can't be shown, so `private` goes along in any case.
        let result = mend(
            opened.result.unknowns_to_null(),
            &typed.ty,
            "a result",
            &mut opened.diagnostics,
        );
        Ok(wire::open_ephemeral_resource::Response {
            diagnostics: opened.diagnostics.to_wire(),
            renew_at: opened.renew_at.map(Into::into),
            result: Some(result),
            private: opened.private,
        })
    }

    async fn renew(
        &self,
        request: wire::renew_ephemeral_resource::Request,
    ) -> Answer<wire::renew_ephemeral_resource::Response> {
        self.catalog()?.ephemeral(&request.type_name)?;
        let doing = format!("renewing {}", request.type_name);
        let request = HeldEphemeral {
            type_name: request.type_name,
            private: request.private,
            cancel: self.cancel(),
        };
        let renewed = self
            .call(doing, |provider| async move {
                provider.renew_ephemeral(request).await
            })
            .await?;
        Ok(wire::renew_ephemeral_resource::Response {
            diagnostics: renewed.diagnostics.to_wire(),
            renew_at: renewed.renew_at.map(Into::into),
            private: renewed.private,
        })
    }

    async fn close(&self, request: wire::close_ephemeral_resource::Request) -> Answer<Diagnostics> {
        self.catalog()?.ephemeral(&request.type_name)?;
        let doing = format!("closing {}", request.type_name);
        let request = HeldEphemeral {
            type_name: request.type_name,
            private: request.private,
            cancel: self.cancel(),
        };
        Ok(self
            .call(doing, |provider| async move {
                provider.close_ephemeral(request).await
            })
            .await?)
    }
}

fn answer<R: Reporting>(answer: Answer<R>) -> Result<Response<R>, Status> {
    Ok(Response::new(answer.unwrap_or_else(only)))
}

/// For methods that return nothing but diagnostics.
fn report<R: Reporting>(answer: Answer<Diagnostics>) -> Result<Response<R>, Status> {
    Ok(Response::new(only(
        answer.unwrap_or_else(|diagnostics| diagnostics),
    )))
}

#[tonic::async_trait]
impl<P: Provider> provider_server::Provider for Rpc<P> {
    async fn get_provider_schema(
        &self,
        _: Request<wire::get_provider_schema::Request>,
    ) -> Result<Response<wire::get_provider_schema::Response>, Status> {
        answer(
            self.catalog()
                .map(|catalog| catalog.schema.to_wire())
                .map_err(Into::into),
        )
    }

    async fn get_resource_identity_schemas(
        &self,
        _: Request<wire::get_resource_identity_schemas::Request>,
    ) -> Result<Response<wire::get_resource_identity_schemas::Response>, Status> {
        let schemas = self
            .catalog()
            .map(|catalog| wire::get_resource_identity_schemas::Response {
                identity_schemas: catalog.schema.identities_to_wire(),
                diagnostics: Vec::new(),
            });
        answer(schemas.map_err(Into::into))
    }

    async fn get_functions(
        &self,
        _: Request<wire::get_functions::Request>,
    ) -> Result<Response<wire::get_functions::Response>, Status> {
        let functions = self.catalog().map(|catalog| wire::get_functions::Response {
            functions: catalog.schema.functions_to_wire(),
            diagnostics: Vec::new(),
        });
        answer(functions.map_err(Into::into))
    }

    async fn validate_provider_config(
        &self,
        request: Request<wire::validate_provider_config::Request>,
    ) -> Result<Response<wire::validate_provider_config::Response>, Status> {
        report(self.validate_provider(request.into_inner()).await)
    }

    async fn validate_resource_config(
        &self,
        request: Request<wire::validate_resource_config::Request>,
    ) -> Result<Response<wire::validate_resource_config::Response>, Status> {
        report(self.validate_resource(request.into_inner()).await)
    }

    async fn validate_data_resource_config(
        &self,
        request: Request<wire::validate_data_resource_config::Request>,
    ) -> Result<Response<wire::validate_data_resource_config::Response>, Status> {
        report(self.validate_data(request.into_inner()).await)
    }

    async fn validate_ephemeral_resource_config(
        &self,
        request: Request<wire::validate_ephemeral_resource_config::Request>,
    ) -> Result<Response<wire::validate_ephemeral_resource_config::Response>, Status> {
        report(self.validate_ephemeral(request.into_inner()).await)
    }

    async fn configure_provider(
        &self,
        request: Request<wire::configure_provider::Request>,
    ) -> Result<Response<wire::configure_provider::Response>, Status> {
        report(self.configure(request.into_inner()).await)
    }

    async fn stop_provider(
        &self,
        _: Request<wire::stop_provider::Request>,
    ) -> Result<Response<wire::stop_provider::Response>, Status> {
        self.stopper()();
        Ok(Response::new(wire::stop_provider::Response {
            error: String::new(),
        }))
    }

    async fn upgrade_resource_state(
        &self,
        request: Request<wire::upgrade_resource_state::Request>,
    ) -> Result<Response<wire::upgrade_resource_state::Response>, Status> {
        answer(self.upgrade(request.into_inner()).await)
    }

    async fn upgrade_resource_identity(
        &self,
        request: Request<wire::upgrade_resource_identity::Request>,
    ) -> Result<Response<wire::upgrade_resource_identity::Response>, Status> {
        answer(self.upgrade_identity(request.into_inner()).await)
    }

    async fn read_resource(
        &self,
        request: Request<wire::read_resource::Request>,
    ) -> Result<Response<wire::read_resource::Response>, Status> {
        answer(self.read(request.into_inner()).await)
    }

    async fn plan_resource_change(
        &self,
        request: Request<wire::plan_resource_change::Request>,
    ) -> Result<Response<wire::plan_resource_change::Response>, Status> {
        answer(self.plan(request.into_inner()).await)
    }

    async fn apply_resource_change(
        &self,
        request: Request<wire::apply_resource_change::Request>,
    ) -> Result<Response<wire::apply_resource_change::Response>, Status> {
        answer(self.apply(request.into_inner()).await)
    }

    async fn import_resource_state(
        &self,
        request: Request<wire::import_resource_state::Request>,
    ) -> Result<Response<wire::import_resource_state::Response>, Status> {
        answer(self.import(request.into_inner()).await)
    }

    async fn move_resource_state(
        &self,
        request: Request<wire::move_resource_state::Request>,
    ) -> Result<Response<wire::move_resource_state::Response>, Status> {
        answer(self.relocate(request.into_inner()).await)
    }

    async fn read_data_source(
        &self,
        request: Request<wire::read_data_source::Request>,
    ) -> Result<Response<wire::read_data_source::Response>, Status> {
        answer(self.read_data(request.into_inner()).await)
    }

    async fn call_function(
        &self,
        request: Request<wire::call_function::Request>,
    ) -> Result<Response<wire::call_function::Response>, Status> {
        Ok(Response::new(
            match self.function(request.into_inner()).await {
                Ok(result) => wire::call_function::Response {
                    result: Some(result),
                    error: None,
                },
                Err(FunctionError { text, argument }) => {
                    let function_argument = argument.and_then(|index| i64::try_from(index).ok());
                    let error = wire::FunctionError {
                        text,
                        function_argument,
                    };
                    wire::call_function::Response {
                        result: None,
                        error: Some(error),
                    }
                }
            },
        ))
    }

    async fn open_ephemeral_resource(
        &self,
        request: Request<wire::open_ephemeral_resource::Request>,
    ) -> Result<Response<wire::open_ephemeral_resource::Response>, Status> {
        answer(self.open(request.into_inner()).await)
    }

    async fn renew_ephemeral_resource(
        &self,
        request: Request<wire::renew_ephemeral_resource::Request>,
    ) -> Result<Response<wire::renew_ephemeral_resource::Response>, Status> {
        answer(self.renew(request.into_inner()).await)
    }

    async fn close_ephemeral_resource(
        &self,
        request: Request<wire::close_ephemeral_resource::Request>,
    ) -> Result<Response<wire::close_ephemeral_resource::Response>, Status> {
        report(self.close(request.into_inner()).await)
    }
}
